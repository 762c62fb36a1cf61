using System;
using System.Globalization;
using System.Text;
using Responder;

namespace Integration.Tests.Soak;

/// <summary>A request with a number, of which everything follows: what is asked, with which body, and the only right answer.</summary>
internal sealed class SoakRequest
{
    private const int LargestResponse = 20_000;
    private const int LargestBody = 3_000;
    private readonly int _status;
    private readonly byte[]? _body; // null for a pattern
    private readonly int _patternBytes;
    private readonly string _inHead = "";

    public SoakRequest(int number)
    {
        switch (number % 4)
        {
            case 0:
                Bytes = Head("GET", $"/api/query?number={number}");
                (_status, _body) = (200, Encoding.ASCII.GetBytes($"number={number}"));
                break;

            case 1:
                _patternBytes = number % LargestResponse;
                Bytes = Head("GET", $"/api/pattern?bytes={_patternBytes}");
                _status = 200;
                break;

            case 2:
                byte[] body = new byte[number % LargestBody];
                Pattern.Fill(body, number);
                Bytes = [.. Head("POST", "/api/checksum", $"Content-Length: {body.Length}\r\n"), .. body];
                _status = 200;
                _body = Encoding.ASCII.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $$"""{"bytes":{{body.Length}},"checksum":"{{Checksum.Of(body)}}"}"""));
                break;

            default:
                Bytes = Head("GET", $"/api/nothing/{number}");
                _status = 404;
                _inHead = "problem+json";
                _body = Encoding.ASCII.GetBytes($"/api/nothing/{number}\"");
                break;
        }
    }

    /// <summary>The request as it is sent.</summary>
    public byte[] Bytes { get; }

    /// <summary>Whether an answer is the right one, byte for byte; of a problem, whether it names the path asked for.</summary>
    public bool IsAnsweredBy(int status, string head, byte[] body) =>
        status == _status && head.Contains(_inHead, StringComparison.Ordinal) && (_body is null
            ? body.Length == _patternBytes && Pattern.Matches(body, 0)
            : status == 404 ? body.AsSpan().IndexOf(_body) >= 0 : body.AsSpan().SequenceEqual(_body));

    private static byte[] Head(string method, string target, string fields = "") =>
        Encoding.ASCII.GetBytes($"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{fields}\r\n");
}
