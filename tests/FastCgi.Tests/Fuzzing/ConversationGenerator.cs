using System;
using System.Collections.Generic;
using System.Linq;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;

namespace FastCgi.Tests.Fuzzing;

/// <summary>
/// Makes up what a front might send: valid conversations of a few requests, their records interleaved, and then damaged the
/// way bugs and attackers damage them. The same seed makes the same conversation.
/// </summary>
internal sealed class ConversationGenerator
{
    private static readonly ushort[] Ids = [1, 1, 1, 2, 3, 4, 5, 255, 256, 65535];
    private static readonly string[] Paths = ["/echo", "/say", "/long", "/half", "/throw", "/none", ""];

    private readonly Random _random;

    public ConversationGenerator(int seed) => _random = new Random(seed);

    /// <summary>The bytes of one conversation, whole or damaged.</summary>
    public byte[] Next()
    {
        List<byte[]> records = Interleave(Enumerable.Range(0, _random.Next(1, 5)).Select(_ => Request()).ToList());
        for (int damages = _random.Next(4); damages > 0; damages--)
            DamageRecords(records);
        byte[] bytes = [.. records.SelectMany(record => record)];
        for (int damages = _random.Next(3); damages > 0 && _random.Next(3) == 0; damages--)
            bytes = DamageBytes(bytes);
        return bytes;
    }

    /// <summary>Where the bytes are cut into arrivals.</summary>
    public int[] Cuts(int length)
    {
        int pieces = _random.Next(4) switch { 0 => 0, 1 => _random.Next(3), 2 => _random.Next(12), _ => _random.Next(50) };
        return [.. Enumerable.Range(0, pieces).Select(_ => _random.Next(length + 1)).Order()];
    }

    public bool Chance(int oneIn) => _random.Next(oneIn) == 0;

    private List<byte[]> Request()
    {
        ushort id = Ids[_random.Next(Ids.Length)];
        var wire = new Wire { Padding = (byte)(Chance(3) ? _random.Next(256) : 0) };
        List<byte[]> records = [];
        if (Chance(12))
            Add(w => w.GetValues("FCGI_MAX_CONNS", "FCGI_MPXS_CONNS", Chance(3) ? "" : "FCGI_ODD"));
        ushort role = (ushort)(Chance(15) ? _random.Next(6) : 1);
        Add(w => w.Begin(id, keep: !Chance(6), role));
        AddStream(RecordType.Params, Variables());
        if (Chance(15))
            Add(w => w.Abort(id));
        AddStream(RecordType.Stdin, Content());
        if (Chance(20))
            AddStream(RecordType.Data, Content());
        if (Chance(20))
            Add(w => w.Record((byte)_random.Next(256), (ushort)(Chance(2) ? 0 : id), Content(), 0));
        return records;

        void Add(Func<Wire, Wire> write) => records.Add(write(new Wire { Padding = wire.Padding }));

        void AddStream(RecordType type, byte[] bytes)
        {
            for (int at = 0; at < bytes.Length;)
            {
                int length = Math.Min(bytes.Length - at, Chance(2) ? bytes.Length : _random.Next(1, 40));
                byte[] piece = bytes[at..(at + length)];
                Add(w => w.Record(type, id, piece));
                at += length;
            }
            if (!Chance(25))
                Add(w => w.Record(type, id, []));
        }
    }

    private byte[] Variables()
    {
        List<(string, string)> variables =
        [
            ("REQUEST_METHOD", Chance(4) ? "HEAD" : "POST"),
            ("SCRIPT_NAME", Paths[_random.Next(Paths.Length)]),
        ];
        if (Chance(4))
            variables.Add(("CONTENT_LENGTH", Chance(5) ? "x" : $"{_random.Next(200)}"));
        for (int more = _random.Next(4); more > 0; more--)
            variables.Add(($"HTTP_{_random.Next(3)}", new string('v', Chance(9) ? _random.Next(3000) : _random.Next(20))));
        return Wire.Pairs([.. variables]);
    }

    private byte[] Content()
    {
        byte[] content = new byte[Chance(8) ? _random.Next(7000) : _random.Next(60)];
        _random.NextBytes(content);
        return content;
    }

    private List<byte[]> Interleave(List<List<byte[]>> requests)
    {
        bool apart = Chance(2);
        List<byte[]> all = [];
        while (requests.Count > 0)
        {
            int of = apart ? 0 : _random.Next(requests.Count);
            all.Add(requests[of][0]);
            requests[of].RemoveAt(0);
            if (requests[of].Count == 0)
                requests.RemoveAt(of);
        }
        return all;
    }

    private void DamageRecords(List<byte[]> records)
    {
        if (records.Count == 0)
            return;
        int at = _random.Next(records.Count), other = _random.Next(records.Count);
        switch (_random.Next(7))
        {
            case 0:
                records.RemoveAt(at);
                break;
            case 1:
                records.Insert(other, records[at]);
                break;
            case 2:
                (records[at], records[other]) = (records[other], records[at]);
                break;
            default:
                // One of the fields of a header: version, type, id, lengths, reserved.
                byte[] record = [.. records[at]];
                record[_random.Next(Math.Min(record.Length, RecordHeader.Length))] = (byte)(Chance(2) ? _random.Next(12) : _random.Next(256));
                records[at] = record;
                break;
        }
    }

    private byte[] DamageBytes(byte[] bytes)
    {
        int at = _random.Next(bytes.Length + 1);
        switch (_random.Next(3))
        {
            case 0:
                return bytes[..at];
            case 1:
                byte[] noise = new byte[_random.Next(30)];
                _random.NextBytes(noise);
                return [.. bytes[..at], .. noise, .. bytes[at..]];
            default:
                if (at < bytes.Length)
                    bytes[at] ^= (byte)(1 << _random.Next(8));
                return bytes;
        }
    }
}
