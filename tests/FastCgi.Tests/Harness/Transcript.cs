using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using FastCgi.Protocol;

namespace FastCgi.Tests.Harness;

/// <summary>
/// Reads the server's output as the strictest front would: whole well-formed records, padded with zeros to eight bytes, STDOUT ended
/// once, END_REQUEST once and nothing behind it for its id. Anything else is an exception.
/// </summary>
internal sealed class Transcript
{
    private readonly List<Reply> _open = [];
    private byte[] _rest = [];

    /// <summary>Every record's header, in order.</summary>
    public List<RecordHeader> Records { get; } = [];

    /// <summary>Requests that have had their END_REQUEST, in that order.</summary>
    public List<Reply> Ended { get; } = [];

    /// <summary>Management records: type and content.</summary>
    public List<(RecordType Type, byte[] Content)> Management { get; } = [];

    /// <summary>Requests that have had some of their output.</summary>
    public IReadOnlyList<Reply> Open => _open;

    public bool EndsWithWholeRecord => _rest.Length == 0;

    public bool KeepsBodies { get; init; } = true;

    public void Feed(ReadOnlyMemory<byte> more)
    {
        ReadOnlySpan<byte> rest = _rest.Length == 0 ? more.Span : [.. _rest, .. more.Span];
        while (RecordHeader.TryRead(rest, out RecordHeader header))
        {
            int length = RecordHeader.Length + header.ContentLength + header.PaddingLength;
            if (rest.Length < length)
                break;
            Expect(rest[7] == 0, "the reserved byte is not zero");
            Expect(rest[(length - header.PaddingLength)..length].IndexOfAnyExcept((byte)0) < 0, "the padding is not zero");
            Expect(length % 8 == 0, $"{header} is not aligned to eight bytes");
            Hear(header, rest.Slice(RecordHeader.Length, header.ContentLength));
            rest = rest[length..];
        }
        _rest = rest.ToArray();
    }

    private void Hear(RecordHeader header, ReadOnlySpan<byte> content)
    {
        Records.Add(header);
        switch (header.Type)
        {
            case RecordType.Stdout:
                Reply reply = Find(header.RequestId);
                Expect(!reply.StdoutEnded, $"{header} after the end of STDOUT");
                if (content.IsEmpty)
                    reply.StdoutEnded = true;
                else
                    reply.Add(content);
                break;
            case RecordType.Stderr: // one record and the end, before STDOUT's end (nginx stops reading there)
                Reply failing = Find(header.RequestId);
                Expect(!failing.StdoutEnded && failing.Errors is null, $"{header} after its end or STDOUT's");
                if (content.IsEmpty)
                    failing.Errors = failing.UnendedErrors;
                else
                    failing.UnendedErrors += Encoding.Latin1.GetString(content);
                break;
            case RecordType.EndRequest:
                Reply ended = Find(header.RequestId);
                Expect(ended.StdoutLength == 0 || ended.StdoutEnded, $"{header} before the end of STDOUT");
                Expect(ended.UnendedErrors.Length == 0 || ended.Errors is not null, $"{header} before the end of STDERR");
                Expect(content[5..].IndexOfAnyExcept((byte)0) < 0, "reserved bytes of END_REQUEST are not zero");
                ended.End = EndRequestBody.Read(content);
                _open.Remove(ended);
                Ended.Add(ended);
                break;
            case RecordType.GetValuesResult or RecordType.UnknownType:
                Expect(header.RequestId == 0, $"{header} is not a management record");
                Management.Add((header.Type, content.ToArray()));
                break;
            default:
                throw new InvalidDataException($"an application does not send {header}");
        }
    }

    private Reply Find(ushort id)
    {
        Expect(id != 0, "a request's record with id 0");
        Reply? reply = _open.Find(open => open.Id == id);
        if (reply is null)
            _open.Add(reply = new Reply { Id = id, Keeps = KeepsBodies });
        return reply;
    }

    private static void Expect(bool condition, string complaint)
    {
        if (!condition)
            throw new InvalidDataException(complaint);
    }
}
