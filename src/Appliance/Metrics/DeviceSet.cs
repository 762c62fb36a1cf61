using System;
using System.Collections.Generic;

namespace Appliance.Metrics;

/// <summary>What a collector keeps of one device from scrape to scrape: open files, the last numbers.</summary>
/// <param name="name">As the kernel prints it.</param>
internal abstract class Device(byte[] name) : IDisposable
{
    public byte[] Name { get; } = name;

    /// <summary>What tells it from another that has got its name, where such a thing is known; 0 elsewhere.</summary>
    public ulong Inode { get; set; }

    /// <summary>Closes its files: the device is gone.</summary>
    public abstract void Dispose();
}

/// <summary>The devices of a collector, found by the name the kernel prints.</summary>
/// <remarks>
/// One round a scrape: <see cref="BeginRound"/>, <see cref="Get"/> for each device there is, <see cref="EndRound"/>, which closes
/// those that are gone. The kernel lists devices in the same order each time, so one is usually found at once, and no string
/// is made.
/// </remarks>
internal sealed class DeviceSet<T>(Func<byte[], T> create)
    where T : Device
{
    private readonly List<T> _devices = [];
    private int _seen; // the first so many were asked for in this round

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _devices.Count == 0;

    public void BeginRound() => _seen = 0;

    /// <summary>The device of that name, made when it is new. Names come once a round; a second time makes a second device.</summary>
    /// <param name="name">As the kernel prints it.</param>
    /// <param name="inode">With another one it is another device, where open files would go on telling of the first.</param>
    public T Get(ReadOnlySpan<byte> name, ulong inode = 0)
    {
        int at = _seen;
        while (at < _devices.Count && !(name.SequenceEqual(_devices[at].Name) && _devices[at].Inode == inode))
            at++;
        if (at == _devices.Count)
        {
            _devices.Add(create(name.ToArray()));
            _devices[at].Inode = inode;
        }
        (_devices[_seen], _devices[at]) = (_devices[at], _devices[_seen]);
        return _devices[_seen++];
    }

    /// <summary>The device of that name if it was asked for in this round already.</summary>
    public T? Find(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _seen; i++)
        {
            if (name.SequenceEqual(_devices[i].Name))
                return _devices[i];
        }
        return null;
    }

    public void EndRound()
    {
        for (int i = _seen; i < _devices.Count; i++)
            _devices[i].Dispose();
        _devices.RemoveRange(_seen, _devices.Count - _seen);
    }

    /// <summary>After a round: its devices, in the order they were asked for.</summary>
    public List<T>.Enumerator GetEnumerator() => _devices.GetEnumerator();
}
