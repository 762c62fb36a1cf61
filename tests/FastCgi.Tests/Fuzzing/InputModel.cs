using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace FastCgi.Tests.Fuzzing;

/// <summary>What a front has said, read in the simplest way there is: which requests were begun, and where it stands.</summary>
internal sealed class InputModel
{
    private readonly Dictionary<ushort, int> _begun = [];
    private readonly HashSet<ushort> _otherRoles = [];
    private readonly List<int> _beginsAt = []; // where the content of each BEGIN_REQUEST ends
    private byte[] _bytes = new byte[64 * 1024];
    private int _length;
    private int _at; // of the next header
    private bool _counted; // the record at _at was counted before its padding came

    public int Begun { get; private set; }

    public IEnumerable<ushort> Ids => _begun.Keys;

    /// <summary>What nobody can go on from: another version, a BEGIN_REQUEST that is none.</summary>
    public bool Broken { get; private set; }

    public bool AtRecordBoundary => !Broken && _at == _length;

    public long Bytes => _length;

    /// <summary>The requests begun in the first <paramref name="bytes"/> that were said.</summary>
    public int BegunWithin(long bytes)
    {
        int begun = 0;
        while (begun < _beginsAt.Count && _beginsAt[begun] <= bytes)
            begun++;
        return begun;
    }

    public int BegunWith(ushort id) => _begun.GetValueOrDefault(id);

    /// <summary>Whether all requests with this id asked for an authorizer.</summary>
    public bool AlwaysAsksForPermission(ushort id) => !_otherRoles.Contains(id);

    public void Clear()
    {
        _begun.Clear();
        _otherRoles.Clear();
        _beginsAt.Clear();
        _length = _at = Begun = 0;
        Broken = _counted = false;
    }

    public void Hear(ReadOnlySpan<byte> more)
    {
        if (_length + more.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + more.Length));
        more.CopyTo(_bytes.AsSpan(_length));
        _length += more.Length;
        while (!Broken && _length - _at >= 8)
        {
            ReadOnlySpan<byte> record = _bytes.AsSpan(_at, _length - _at);
            int content = BinaryPrimitives.ReadUInt16BigEndian(record[4..]);
            if (record[0] != 1)
                Broken = true;
            else if (record.Length < 8 + content)
                return;
            else if (record[1] == 1 && !_counted)
                Begin(BinaryPrimitives.ReadUInt16BigEndian(record[2..]), record.Slice(8, content));
            _counted = true;
            if (Broken || record.Length < 8 + content + record[6])
                return;
            _at += 8 + content + record[6];
            _counted = false;
        }
    }

    private void Begin(ushort id, ReadOnlySpan<byte> content)
    {
        if (id == 0 || content.Length != 8)
        {
            Broken = true;
            return;
        }
        if (BinaryPrimitives.ReadUInt16BigEndian(content) != 2)
            _otherRoles.Add(id);
        Begun++;
        _beginsAt.Add(_at + 8 + content.Length);
        _begun[id] = _begun.GetValueOrDefault(id) + 1;
    }
}
