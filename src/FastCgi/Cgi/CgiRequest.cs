using System;
using System.Collections;
using System.Collections.Generic;
using System.Text;
using FastCgi.Protocol;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>The request of a CGI program, as the records in which a front would have sent it.</summary>
internal sealed class CgiRequest
{
    private const ushort Id = 1; // as fronts without multiplexing number theirs

    /// <param name="variables">The CGI variables, names and values as bytes.</param>
    public CgiRequest(IReadOnlyList<KeyValuePair<byte[], byte[]>> variables)
    {
        foreach ((byte[] name, byte[] value) in variables)
        {
            // Without a length there is no body (RFC 3875 §4.2), and with a wrong one no request: the engine says so.
            if (name.AsSpan().SequenceEqual("CONTENT_LENGTH"u8) && FastCgiRequest.TryParseLength(value, out long length))
                BodyLength = length;
        }
        Head = Compose(Encode(variables));
    }

    /// <summary>BEGIN_REQUEST and PARAMS, whole.</summary>
    public ReadOnlyMemory<byte> Head { get; }

    /// <summary>How many bytes of standard input belong to it, at most.</summary>
    public long BodyLength { get; }

    /// <summary>All variables of the environment: whatever is in it the starter has meant to be there.</summary>
    public static CgiRequest FromEnvironment()
    {
        var variables = new List<KeyValuePair<byte[], byte[]>>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            // Values anew as bytes, which may not be UTF-8. Names are ASCII (RFC 3875 §4.1): one that is not is nowhere to be found.
            byte[] name = Encoding.UTF8.GetBytes((string)variable.Key);
            if (LibC.TryGetVariable((string)variable.Key, out byte[] value))
                variables.Add(new(name, value));
        }
        return new CgiRequest(variables);
    }

    /// <summary>Writes a record of the body around its content, which stands behind the header's place in <paramref name="record"/>.</summary>
    /// <returns>The record's length. Without content it ends the body.</returns>
    public static int WriteBody(Span<byte> record, int contentLength)
    {
        new RecordHeader(RecordType.Stdin, Id, (ushort)contentLength).Write(record);
        return RecordHeader.Length + contentLength;
    }

    private static byte[] Encode(IReadOnlyList<KeyValuePair<byte[], byte[]>> variables)
    {
        int length = 0;
        foreach ((byte[] name, byte[] value) in variables)
            length += NameValueWriter.LengthOf(name, value);
        byte[] stream = new byte[length];
        var writer = new NameValueWriter(stream);
        foreach ((byte[] name, byte[] value) in variables)
            writer.TryWrite(name, value); // fits: it was measured
        return stream;
    }

    private static ReadOnlyMemory<byte> Compose(ReadOnlySpan<byte> stream)
    {
        const int most = RecordHeader.MaxAlignedContentLength;
        int records = stream.Length / most + 3; // BEGIN_REQUEST, the pieces, the end
        byte[] head = new byte[stream.Length + records * (RecordHeader.Length + BeginRequestBody.Length)];
        var writer = new RecordWriter(head);
        writer.WriteBeginRequest(Id, new BeginRequestBody(Role.Responder, RequestFlags.None));
        for (; !stream.IsEmpty; stream = stream[Math.Min(most, stream.Length)..])
            writer.WriteRecord(RecordType.Params, Id, stream[..Math.Min(most, stream.Length)]);
        writer.WriteEndOfStream(RecordType.Params, Id);
        return head.AsMemory(0, writer.Written);
    }
}
