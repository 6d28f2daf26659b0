import { indent, jsonOf, type SampleRequest } from './sample-request.ts'

/** Java 17. The session is kept in a file. */
export function writeJava({ method, server, path, body }: SampleRequest): string {
  const type = body ? '\n            .header("Content-Type", "application/json")' : ''
  const sent = body
    ? `HttpRequest.BodyPublishers.ofString(${textBlock(jsonOf(body))})`
    : 'HttpRequest.BodyPublishers.noBody()'
  return `import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

public class Sample {
    public static void main(String[] args) throws Exception {
        var session = Path.of("session.txt");
        var request = HttpRequest.newBuilder(URI.create(${JSON.stringify(server + path)}))${type}
            .method("${method}", ${sent});
        if (Files.exists(session)) request.header("Cookie", Files.readString(session));

        var response = HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
        var cookie = response.headers().firstValue("Set-Cookie");
        if (cookie.isPresent()) Files.writeString(session, cookie.get().split(";")[0]);
        System.out.println(response.statusCode() + " " + response.body());
    }
}
`
}

const textBlock = (text: string) =>
  `"""${indent(`\n${text.replaceAll('\\', '\\\\').replaceAll('"""', '\\"""')}`, 16)}"""`
