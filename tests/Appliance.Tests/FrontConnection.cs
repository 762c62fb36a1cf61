using System;
using System.Buffers;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using FastCgi.Protocol;

namespace Appliance.Tests;

/// <summary>What a front got: the header block's fields as "Name: value" lines, and the body.</summary>
internal sealed record FrontAnswer(string Headers, string Body)
{
    public string? Header(string name)
    {
        foreach (string line in Headers.Split("\r\n"))
        {
            if (line.StartsWith($"{name}: ", StringComparison.OrdinalIgnoreCase))
                return line[(name.Length + 2)..];
        }
        return null;
    }
}

/// <summary>A front that sends one request on a connection of its own, as lighttpd does.</summary>
internal static class FrontConnection
{
    private const ushort Id = 1;

    public static async Task<FrontAnswer> AskAsync(string socketPath, params (string Name, string Value)[] parameters)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath));
        using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Request(parameters));
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer);
        return Parse(new ReadOnlySequence<byte>(answer.ToArray()));
    }

    public static byte[] Request((string Name, string Value)[] parameters)
    {
        byte[] pairs = new byte[60_000];
        var pairWriter = new NameValueWriter(pairs);
        foreach ((string name, string value) in parameters)
        {
            if (!pairWriter.TryWrite(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value)))
                throw new ArgumentException("the parameters do not fit into one record", nameof(parameters));
        }

        byte[] records = new byte[pairs.Length + 100];
        var writer = new RecordWriter(records);
        writer.WriteBeginRequest(Id, new BeginRequestBody(Role.Responder, RequestFlags.None));
        writer.WriteRecord(RecordType.Params, Id, pairs.AsSpan(0, pairWriter.Written));
        writer.WriteEndOfStream(RecordType.Params, Id);
        writer.WriteEndOfStream(RecordType.Stdin, Id);
        return records[..writer.Written];
    }

    private static FrontAnswer Parse(ReadOnlySequence<byte> records)
    {
        var output = new MemoryStream();
        var reader = new RecordReader();
        bool ended = false;
        while (reader.TryRead(ref records, out RecordPiece piece))
        {
            if (piece.Header.Type == RecordType.Stdout)
                output.Write(piece.Content.ToArray());
            ended |= piece.Header.Type == RecordType.EndRequest;
        }
        if (!ended)
            throw new InvalidDataException("the connection closed before the end of the request");
        string[] parts = Encoding.UTF8.GetString(output.ToArray()).Split("\r\n\r\n", 2);
        return new FrontAnswer(parts[0], parts[1]);
    }
}
