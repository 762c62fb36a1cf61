using System;
using System.Collections.Generic;
using System.IO;
using FastCgi.Protocol;

namespace FastCgi.Tests.Fuzzing;

/// <summary>
/// Reads what the server sends beside what it was asked: whole records, padded with zeros to eight bytes; of each id no more answers
/// than requests, each with one end of STDOUT and one END_REQUEST, and nothing in between two requests.
/// </summary>
internal sealed class OutputModel(InputModel asked)
{
    private readonly Dictionary<ushort, Answer> _answers = [];
    private byte[] _rest = new byte[128 * 1024];
    private int _length;

    public int Ended { get; private set; }

    public bool EndsWithWholeRecord => _length == 0;

    /// <summary>Whether the answers are kept.</summary>
    public bool Keeps { get; set; }

    /// <summary>STDOUT of the requests that have ended, in that order.</summary>
    public List<(ushort Id, byte[] Stdout)> Replies { get; } = [];

    public void Clear()
    {
        _answers.Clear();
        Replies.Clear();
        _length = Ended = 0;
        Keeps = false;
    }

    public void Hear(ReadOnlySpan<byte> more)
    {
        if (_length + more.Length > _rest.Length)
            Array.Resize(ref _rest, Math.Max(_rest.Length * 2, _length + more.Length));
        more.CopyTo(_rest.AsSpan(_length));
        _length += more.Length;
        ReadOnlySpan<byte> rest = _rest.AsSpan(0, _length);
        while (RecordHeader.TryRead(rest, out RecordHeader header))
        {
            int length = RecordHeader.Length + header.ContentLength + header.PaddingLength;
            if (rest.Length < length)
                break;
            Expect(rest[7] == 0 && length % 8 == 0 && header.PaddingLength < 8, "a record is not aligned to eight bytes", header);
            Expect(rest[(length - header.PaddingLength)..length].IndexOfAnyExcept((byte)0) < 0, "the padding is not zero", header);
            Hear(header, rest.Slice(RecordHeader.Length, header.ContentLength));
            rest = rest[length..];
        }
        rest.CopyTo(_rest);
        _length = rest.Length;
    }

    private void Hear(RecordHeader header, ReadOnlySpan<byte> content)
    {
        if (header.Type is RecordType.GetValuesResult or RecordType.UnknownType)
        {
            Expect(header.RequestId == 0, "a management record with a request's id", header);
            return;
        }
        Expect(header.Type is RecordType.Stdout or RecordType.Stderr or RecordType.EndRequest, "an application does not send it", header);
        if (!_answers.TryGetValue(header.RequestId, out Answer? answer))
            _answers.Add(header.RequestId, answer = new Answer());
        if (!answer.Open)
        {
            answer.Open = true;
            answer.StdoutEnded = answer.HasStdout = answer.StderrEnded = false;
            answer.Stdout?.SetLength(0);
            Expect(++answer.Count <= asked.BegunWith(header.RequestId), "nothing was asked that this answers", header);
        }
        if (header.Type == RecordType.EndRequest)
        {
            Expect(content.Length == EndRequestBody.Length && content[5..].IndexOfAnyExcept((byte)0) < 0, "not an END_REQUEST", header);
            Expect(answer.StdoutEnded || !answer.HasStdout, "END_REQUEST before the end of STDOUT", header);
            Expect(answer.HasStdout || !asked.AlwaysAsksForPermission(header.RequestId), "an end without a denial: a permission, to lighttpd", header);
            answer.Open = false;
            Ended++;
            if (Keeps)
                Replies.Add((header.RequestId, answer.Stdout?.ToArray() ?? []));
            return;
        }
        Expect(!answer.StdoutEnded, "STDOUT after its end, or STDERR", header);
        if (header.Type == RecordType.Stderr)
        {
            Expect(answer.HasStdout && !answer.StderrEnded, "STDERR before the header or after its end", header);
            answer.StderrEnded = content.IsEmpty;
            return;
        }
        answer.HasStdout |= !content.IsEmpty;
        answer.StdoutEnded = content.IsEmpty;
        if (Keeps)
            (answer.Stdout ??= new MemoryStream()).Write(content);
    }

    private static void Expect(bool condition, string complaint, RecordHeader header)
    {
        if (!condition)
            throw new InvalidDataException($"{complaint}: {header}");
    }

    private sealed class Answer
    {
        public int Count { get; set; }

        public bool Open { get; set; }

        public bool HasStdout { get; set; }

        public bool StdoutEnded { get; set; }

        public bool StderrEnded { get; set; }

        public MemoryStream? Stdout { get; set; }
    }
}
