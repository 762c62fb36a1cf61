using System;
using System.Collections.Generic;

namespace Appliance.Metrics;

/// <summary>What a collector keeps of each device (open files, the last text), found by the name the kernel prints.</summary>
/// <remarks>
/// One round a scrape: <see cref="BeginRound"/>, <see cref="Get"/> for each device there is, <see cref="EndRound"/>, which closes
/// what belongs to devices that are gone. The kernel lists devices in the same order each time, so a device is usually found
/// at once; no string is made.
/// </remarks>
internal sealed class DeviceSet<T>(Func<byte[], T> create)
    where T : class, IDisposable
{
    private readonly List<(byte[] Name, T Device)> _devices = [];
    private int _seen; // the first so many were asked for in this round

    /// <summary>How many there are in this round.</summary>
    public int Count => _seen;

    /// <summary>The devices of this round, in the order they were asked for.</summary>
    public T this[int index] => _devices[index].Device;

    public void BeginRound() => _seen = 0;

    /// <summary>The device of that name, made when it is new. Names come once a round; a second time makes a second device.</summary>
    public T Get(ReadOnlySpan<byte> name)
    {
        int at = _seen;
        while (at < _devices.Count && !name.SequenceEqual(_devices[at].Name))
            at++;
        if (at == _devices.Count)
        {
            byte[] kept = name.ToArray();
            _devices.Add((kept, create(kept)));
        }
        (_devices[_seen], _devices[at]) = (_devices[at], _devices[_seen]);
        return _devices[_seen++].Device;
    }

    public byte[] NameOf(int index) => _devices[index].Name;

    public void EndRound()
    {
        for (int i = _seen; i < _devices.Count; i++)
            _devices[i].Device.Dispose();
        _devices.RemoveRange(_seen, _devices.Count - _seen);
    }
}
