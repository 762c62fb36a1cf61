using System;
using System.Threading;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Metrics;

/// <summary>Tells whether network interfaces came, went or changed: the kernel announces that to sockets of the group RTNLGRP_LINK; rtnetlink(7).</summary>
/// <remarks>
/// An interface has some twenty attributes in sysfs that rarely change, and a router many interfaces: reading what nothing has
/// happened to is most of what a scrape would do. Not announced, and so seen within a minute, are changes of an interface that is
/// down, apart from its name, address and MTU; of a speed without a change of the carrier, as by ethtool; of a group, through sysfs.
/// </remarks>
/// <param name="isAnnounced">False where the interfaces are not this kernel's: they may always have changed.</param>
internal sealed class InterfaceChanges(bool isAnnounced) : IDisposable
{
    // Origin: arbitrary. An interface that goes is announced before its folder is removed (unregister_netdevice_many, net/core/dev.c).
    private const long Settling = 1000;

    private readonly Lock _gate = new();
    private SafeFileHandle? _socket;
    private bool _isDeaf = !isAnnounced;
    private long _last; // when the last announcement was taken, by TickCount64

    /// <summary>Whether what was read at a time may be another now.</summary>
    /// <param name="readAt">By <see cref="Environment.TickCount64"/>; before the first reading anything that is long ago.</param>
    public bool MayHaveBeenSince(long readAt)
    {
        lock (_gate)
        {
            long now = Environment.TickCount64;
            if (!_isDeaf && HasAny())
                _last = now;
            return _isDeaf || readAt <= _last + Settling || now - readAt >= RareLook.Interval;
        }
    }

    /// <summary>Listens no more; interfaces may always have changed then.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDeaf = true;
            _socket?.Dispose();
            _socket = null;
        }
    }

    private bool HasAny()
    {
        if (_socket is null)
        {
            int opened = LibC.OpenLinkAnnouncements();
            _isDeaf = opened < 0; // a sandbox may not allow it
            if (!_isDeaf)
                _socket = new SafeFileHandle(opened, ownsHandle: true);
            return true;
        }
        bool any = false;
        int result;
        Span<byte> ignored = stackalloc byte[1];
        while ((result = LibC.Take((int)_socket.DangerousGetHandle(), ignored)) is >= 0 or LibC.NoBuffers)
            any = true; // more of them than there was room for is a change as well
        _isDeaf = result != LibC.TryAgain;
        return any;
    }
}
