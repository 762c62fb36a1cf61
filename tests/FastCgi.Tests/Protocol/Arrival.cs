using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using FastCgi.Protocol;

namespace FastCgi.Tests.Protocol;

/// <summary>Feeds bytes to a RecordReader as they may arrive, and puts the pieces that come out together again.</summary>
internal sealed class Arrival
{
    private readonly List<byte[]> _waiting = [];
    private RecordReader _reader;
    private byte[]? _content;

    /// <summary>Whole records so far: "Stdin 1 [content in hexadecimal]".</summary>
    public List<string> Records { get; } = [];

    public int Left => _waiting.Sum(segment => segment.Length);

    public bool AtRecordBoundary => _reader.AtRecordBoundary && Left == 0;

    public int Pieces { get; private set; }

    public static List<string> RecordsOf(byte[] bytes, params int[] splits)
    {
        var arrival = new Arrival();
        foreach (byte[] part in Cut(bytes, splits))
            arrival.Add(part);
        return arrival.Records;
    }

    public static List<string> RecordsOfSegments(byte[] bytes, params int[] splits)
    {
        var arrival = new Arrival();
        arrival._waiting.AddRange(Cut(bytes, splits));
        arrival.Read();
        return arrival.Records;
    }

    public static IEnumerable<byte[]> Cut(byte[] bytes, params int[] splits)
    {
        int start = 0;
        foreach (int split in splits.Append(bytes.Length))
        {
            yield return bytes[start..split];
            start = split;
        }
    }

    public void Add(byte[] more)
    {
        _waiting.Add(more);
        Read();
    }

    private void Read()
    {
        ReadOnlySequence<byte> input = Segment.Join(_waiting);
        while (_reader.TryRead(ref input, out RecordPiece piece))
        {
            Pieces++;
            _content = [.. _content ?? [], .. piece.Content.ToArray()];
            if (!piece.EndsRecord)
                continue;
            if (_content.Length != piece.Header.ContentLength || piece.EndsStream != (_content.Length == 0))
                throw new InvalidOperationException($"{piece.Header} came with {_content.Length} bytes");
            Records.Add($"{piece.Header.Type} {piece.Header.RequestId} [{Convert.ToHexString(_content)}]");
            _content = null;
        }
        byte[] left = input.ToArray();
        _waiting.Clear();
        if (left.Length > 0)
            _waiting.Add(left);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Join(List<byte[]> parts)
        {
            Segment? first = null, last = null;
            foreach (byte[] part in parts)
            {
                var next = new Segment { Memory = part, RunningIndex = last is null ? 0 : last.RunningIndex + last.Memory.Length };
                if (last is not null)
                    last.Next = next;
                first ??= next;
                last = next;
            }
            return last is null ? default : new ReadOnlySequence<byte>(first!, 0, last, last.Memory.Length);
        }
    }
}
