"""As much of `requests` as the samples use, for machines that haven't got it."""

import json
import urllib.error
import urllib.request


class Response:
    def __init__(self, answer):
        self.status_code = answer.status
        self._text = answer.read()

    def json(self):
        return json.loads(self._text)


class Session:
    cookies = None

    def request(self, method, url, json=None):
        headers = {"User-Agent": "python-requests/0"}
        data = None
        if json is not None:
            data = _dump(json)
            headers["Content-Type"] = "application/json"
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            return Response(opener.open(request, timeout=20))
        except urllib.error.HTTPError as refusal:
            return Response(refusal)

    def get(self, url, **rest):
        return self.request("GET", url, **rest)

    def post(self, url, **rest):
        return self.request("POST", url, **rest)

    def put(self, url, **rest):
        return self.request("PUT", url, **rest)

    def delete(self, url, **rest):
        return self.request("DELETE", url, **rest)


def _dump(value):
    return json.dumps(value).encode()
