using System;
using System.Collections.Generic;
using System.Text;
using FastCgi.Protocol;

namespace FastCgi.Tests.Fuzzing;

/// <summary>Makes up valid conversations of a few requests, each cut into records in its own way, one behind the other or interleaved.</summary>
internal sealed class ConversationGenerator(Dice dice, Draft draft)
{
    private const int FlagsOffset = 2; // in BEGIN_REQUEST's body, §5.1

    private static readonly ushort[] Ids = [1, 1, 1, 2, 3, 4, 5, 255, 256, 65535];

    private readonly byte[] _scratch = new byte[RecordHeader.MaxContentLength];
    private readonly List<List<Draft.Place>> _requests = [];

    /// <summary>
    /// Requests as fronts send them, all of which must be answered as they ask. The last that begins asks to keep the connection
    /// or not, all others do.
    /// </summary>
    public List<(ushort Id, byte[] Body)> Orderly(int requests, bool distinct, bool interleaved, bool keep)
    {
        draft.Clear();
        _requests.Clear();
        List<(ushort, byte[])> expected = [];
        for (int i = 0; i < requests; i++)
        {
            ushort id = distinct ? (ushort)(Ids[^1] - i) : dice.Of<ushort>(Ids);
            string path = dice.Of<string>(FuzzedSite.Prompt);
            int padding = Padding();
            byte[] body = new byte[dice.Chance(3) ? dice.Next(900) : 0];
            dice.Fill(body);
            int first = draft.Records.Count;
            Begin(id, role: 1, keep: true, padding);
            AddStream(RecordType.Params, id, Variables(path, "POST", dice.Chance(2) ? $"{body.Length}" : null, more: dice.Next(3), longest: 150), padding, ended: true);
            AddStream(RecordType.Stdin, id, body, padding, ended: true);
            TakeFrom(first);
            expected.Add((id, FuzzedAnswers.To(path, body)));
        }
        Merge(interleaved);
        if (!keep)
            draft.Own(draft.Records.FindLastIndex(draft.IsBegin))[RecordHeader.Length + FlagsOffset] = (byte)RequestFlags.None;
        return expected;
    }

    /// <summary>What a front might send that does not mean well, or not only: every part is well-formed.</summary>
    public void Any(bool pooled)
    {
        draft.Clear();
        _requests.Clear();
        for (int requests = dice.Next(1, 5); requests > 0; requests--)
            Request(pooled);
        Merge(interleaved: dice.Chance(2));
    }

    private void Request(bool pooled)
    {
        ushort id = dice.Of<ushort>(Ids);
        int padding = Padding();
        int first = draft.Records.Count;
        if (dice.Chance(12))
            GetValues(padding);
        Begin(id, role: (ushort)(dice.Chance(6) ? dice.Next(6) : 1), keep: !dice.Chance(6), padding);
        string path = dice.Of<string>(pooled && dice.Chance(2) ? FuzzedSite.Pooled : FuzzedSite.Any);
        string? length = dice.Chance(4) ? LengthOf() : null;
        AddStream(RecordType.Params, id, Variables(path, dice.Chance(4) ? "HEAD" : "POST", length, dice.Next(6), longest: dice.Chance(8) ? 3000 : 150), padding, ended: !dice.Chance(25));
        if (dice.Chance(15))
            draft.Add(RecordType.AbortRequest, id, [], padding);
        if (dice.Chance(2))
            AddStream(RecordType.Stdin, id, Content(), padding, ended: !dice.Chance(25));
        else if (!dice.Chance(20))
            draft.Add(RecordType.Stdin, id, [], padding);
        if (dice.Chance(8))
            AddStream(RecordType.Data, id, Content(), padding, ended: true);
        if (dice.Chance(20))
            draft.Add((RecordType)dice.Next(256), dice.Chance(2) ? (ushort)0 : id, Content(), padding);
        TakeFrom(first);
    }

    private void GetValues(int padding)
    {
        var writer = new NameValueWriter(_scratch);
        string[] names = ["FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS", "FCGI_ODD", ""];
        for (int pairs = dice.Next(6); pairs > 0; pairs--)
            writer.TryWrite(Encoding.ASCII.GetBytes(dice.Of<string>(names)), []);
        draft.Add(RecordType.GetValues, 0, _scratch.AsSpan(0, writer.Written), padding);
    }

    private void Begin(ushort id, ushort role, bool keep, int padding)
    {
        Span<byte> body = stackalloc byte[BeginRequestBody.Length];
        new BeginRequestBody((Role)role, keep ? RequestFlags.KeepConnection : RequestFlags.None).Write(body);
        draft.Add(RecordType.BeginRequest, id, body, padding);
    }

    private void AddStream(RecordType type, ushort id, ReadOnlySpan<byte> bytes, int padding, bool ended)
    {
        bool whole = dice.Chance(2);
        while (!bytes.IsEmpty)
        {
            int length = whole || bytes.Length > 2000 ? bytes.Length : Math.Min(bytes.Length, dice.Next(1, 60));
            draft.Add(type, id, bytes[..length], padding);
            bytes = bytes[length..];
        }
        if (ended)
            draft.Add(type, id, [], padding);
    }

    private ReadOnlySpan<byte> Variables(string path, string method, string? length, int more, int longest)
    {
        var writer = new NameValueWriter(_scratch);
        writer.TryWrite("REQUEST_METHOD"u8, Encoding.ASCII.GetBytes(method));
        writer.TryWrite("SCRIPT_NAME"u8, Encoding.ASCII.GetBytes(path));
        if (length is not null)
            writer.TryWrite("CONTENT_LENGTH"u8, Encoding.ASCII.GetBytes(length));
        for (; more > 0; more--)
            writer.TryWrite([.. "HTTP_"u8, (byte)('0' + dice.Next(3))], new byte[dice.Next(longest)]);
        return _scratch.AsSpan(0, writer.Written);
    }

    private string LengthOf() => dice.Next(5) switch
    {
        0 => dice.Of<string>(["x", "-1", "+5", "18446744073709551616", "5 ", "6000"]),
        _ => $"{dice.Next(200)}",
    };

    private ReadOnlySpan<byte> Content()
    {
        int length = dice.Next(200) switch { 0 => _scratch.Length, < 25 => dice.Next(7000), _ => dice.Next(60) };
        dice.Fill(_scratch.AsSpan(0, length));
        return _scratch.AsSpan(0, length);
    }

    private int Padding() => dice.Next(9) switch { 0 => dice.Next(256), < 4 => dice.Next(8), _ => 0 };

    private void TakeFrom(int first)
    {
        _requests.Add(draft.Records.GetRange(first, draft.Records.Count - first));
        draft.Records.RemoveRange(first, draft.Records.Count - first);
    }

    private void Merge(bool interleaved)
    {
        Span<int> sent = stackalloc int[_requests.Count];
        for (int left = _requests.Count; left > 0;)
        {
            int of = interleaved ? dice.Next(_requests.Count) : _requests.Count - left;
            if (sent[of] == _requests[of].Count)
                continue;
            draft.Records.Add(_requests[of][sent[of]++]);
            if (sent[of] == _requests[of].Count)
                left--;
        }
    }
}
