using System;
using System.IO;
using Appliance.Status;
using FastCgi;

namespace Appliance.Settings;

/// <summary>Everything a firmware builder can set, with its defaults. The names in the file are those of <see cref="SettingsTable"/>.</summary>
internal sealed record ApplianceSettings
{
    /// <summary>Lines of this level and above are written to standard error.</summary>
    public ServerLogLevel LogLevel { get; init; } = ServerLogLevel.Information;

    /// <summary>Permissions of the Unix socket that <c>--listen</c> makes: the front's user or group, nobody else.</summary>
    public UnixFileMode SocketMode { get; init; } =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Where the kernel's files and the file systems are looked for.</summary>
    public StatusRoots Roots { get; init; } = new();

    /// <summary>How long a mounted file system may take to tell its size.</summary>
    public TimeSpan MountDeadline { get; init; } = DeviceStatus.DefaultMountDeadline;

    /// <summary>The engine's bounds.</summary>
    public ServerLimits Limits { get; init; } = new();
}
