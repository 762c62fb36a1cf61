using System;
using System.Collections.Generic;
using System.IO;
using Appliance.Access;
using Appliance.AccessLog;
using Appliance.Metrics;
using Appliance.Status;
using FastCgi;

namespace Appliance.Settings;

/// <summary>Everything a firmware builder can set, with its defaults. The names in the file are those of <see cref="SettingsTable"/>.</summary>
internal sealed record ApplianceSettings
{
    /// <summary>Lines of this level and above are written to standard error.</summary>
    public ServerLogLevel LogLevel { get; init; } = ServerLogLevel.Information;

    /// <summary>Where a line for every request goes: <c>stderr</c>, or a file's absolute path; null for nowhere.</summary>
    public string? AccessLogTo { get; init; }

    /// <summary>What such a line has: an <see cref="AccessLogFormat"/>.</summary>
    public string AccessFormat { get; init; } = AccessLogFormat.Combined;

    /// <summary>Permissions of the Unix socket that <c>--listen</c> makes: the front's user or group, nobody else.</summary>
    public UnixFileMode SocketMode { get; init; } =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Who may do what.</summary>
    public UserRoles Users { get; init; } = UserRoles.None;

    /// <summary>The names by which browsers reach the device, besides its addresses and localhost.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>What a browser shows, and keeps the password for, when it asks for one (RFC 9110 §11.5): the front's realm.</summary>
    public string Realm { get; init; } = "appliance";

    /// <summary>Where the kernel's files and the file systems are looked for.</summary>
    public StatusRoots Roots { get; init; } = new();

    /// <summary>How long a mounted file system may take to tell its size.</summary>
    public TimeSpan MountDeadline { get; init; } = DeviceStatus.DefaultMountDeadline;

    /// <summary>Bounds and sources of the status document.</summary>
    public StatusOptions Status { get; init; } = new();

    /// <summary>How many clients may watch the status as a stream at once.</summary>
    public int StreamWatchers { get; init; } = StatusFeed.DefaultMaxWatchers;

    /// <summary>How many of the kernel's files stay open from one scrape to the next.</summary>
    public int MetricsOpenFiles { get; init; } = SourceFiles.DefaultMaxOpen;

    /// <summary>The folder, below the root, whose *.prom files are other programs' metrics; null for none.</summary>
    public string? MetricsTextfiles { get; init; }

    /// <summary>The engine's bounds.</summary>
    public ServerLimits Limits { get; init; } = new();
}
