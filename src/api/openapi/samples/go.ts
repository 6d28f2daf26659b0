import { jsonOf, type SampleRequest } from './sample-request.ts'

/** The session is kept in a file. */
export function writeGo({ method, server, path, body }: SampleRequest): string {
  const imports = ['fmt', 'io', 'net/http', 'os', ...(body ? ['strings'] : [])]
  const sent = body ? `strings.NewReader(${rawString(jsonOf(body))})` : 'nil'
  const type = body ? '\n\trequest.Header.Set("Content-Type", "application/json")' : ''
  return `package main

import (
${imports.map((name) => `\t"${name}"`).join('\n')}
)

func main() {
	request, err := http.NewRequest("${method}", ${JSON.stringify(server + path)}, ${sent})
	if err != nil {
		panic(err)
	}${type}
	if session, err := os.ReadFile("session.txt"); err == nil {
		request.Header.Set("Cookie", string(session))
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	for _, cookie := range response.Cookies() {
		os.WriteFile("session.txt", []byte(cookie.Name+"="+cookie.Value), 0o600)
	}
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		panic(err)
	}
	fmt.Println(response.StatusCode, string(answer))
}
`
}

/** A backtick ends a raw string; JSON's own escapes are Go's too, so the compact form goes between quotes. */
const rawString = (text: string) => (text.includes('`') ? JSON.stringify(text) : `\`${text}\``)
