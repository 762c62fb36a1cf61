using System;
using System.Text;

namespace Appliance.Metrics;

/// <summary>watchdog: what restarts the device when it hangs, from /sys/class/watchdog; kernel Documentation/ABI/testing/sysfs-class-watchdog.</summary>
/// <remarks>What a driver does not tell is absent; a kernel without CONFIG_WATCHDOG_SYSFS tells nothing but that there is one.</remarks>
internal sealed class WatchdogCollector : ICollector
{
    private const string Folder = "class/watchdog";
    private const int MaxText = 256;

    /// <summary>The attributes that are samples as they stand.</summary>
    private static readonly (string Attribute, byte[] Family, byte[] Help)[] Numbers =
    [
        ("bootstatus", [.. "node_watchdog_bootstatus"u8], [.. "WDIOF_… flags: why the device started."u8]),
        ("fw_version", [.. "node_watchdog_fw_version"u8], [.. "Version of its firmware."u8]),
        ("nowayout", [.. "node_watchdog_nowayout"u8], [.. "Whether it cannot be stopped."u8]),
        ("timeleft", [.. "node_watchdog_timeleft_seconds"u8], [.. "Time until it restarts the device."u8]),
        ("timeout", [.. "node_watchdog_timeout_seconds"u8], [.. "Time without a sign of life after which it does."u8]),
        ("pretimeout", [.. "node_watchdog_pretimeout_seconds"u8], [.. "Time before that at which it warns."u8]),
        ("access_cs0", [.. "node_watchdog_access_cs0"u8], [.. "Whether the first flash chip is used after its restart."u8]),
    ];

    /// <summary>The attributes that are labels.</summary>
    private static readonly (string Attribute, byte[] Label)[] Texts =
    [
        ("options", [.. "options"u8]), ("identity", [.. "identity"u8]), ("state", [.. "state"u8]), ("status", [.. "status"u8]),
        ("pretimeout_governor", [.. "pretimeout_governor"u8]),
    ];

    private readonly SourceFolder _folder;
    private readonly DeviceSet<Watchdog> _watchdogs;

    public WatchdogCollector(SourceFiles files)
    {
        _folder = files.FolderInSys(Folder);
        _watchdogs = new DeviceSet<Watchdog>(name => new Watchdog(name, files));
    }

    public bool Collect(ExpositionWriter writer)
    {
        if (!TryFindWatchdogs())
            return false;
        for (int i = 0; i < Numbers.Length; i++)
        {
            writer.Family(MetricType.Gauge, Numbers[i].Family, Numbers[i].Help);
            foreach (Watchdog watchdog in _watchdogs)
            {
                if (watchdog.Numbers[i].TryReadNumber(out long value))
                    writer.Label("name"u8, watchdog.Name).Sample(value);
            }
        }
        Span<byte> buffer = stackalloc byte[MaxText];
        writer.Family(MetricType.Gauge, "node_watchdog_info"u8, "What is no number; always 1."u8);
        foreach (Watchdog watchdog in _watchdogs)
        {
            writer.Label("name"u8, watchdog.Name);
            for (int i = 0; i < Texts.Length; i++)
                writer.Label(Texts[i].Label, watchdog.Texts[i].TryReadValue(buffer, out ReadOnlySpan<byte> text) ? text : default);
            writer.Sample(1);
        }
        return true;
    }

    private bool TryFindWatchdogs()
    {
        using SourceFolder.Listing listing = _folder.List();
        _watchdogs.BeginRound();
        while (listing.TryRead(out ReadOnlySpan<byte> name))
            _watchdogs.Get(name);
        _watchdogs.EndRound();
        return listing.Exists;
    }

    /// <summary>The attributes of one watchdog, in the order of the tables above.</summary>
    private sealed class Watchdog : Device
    {
        public Watchdog(byte[] name, SourceFiles files)
            : base(name)
        {
            string folder = $"{Folder}/{Encoding.UTF8.GetString(name)}";
            Numbers = Array.ConvertAll(WatchdogCollector.Numbers, number => files.InSys($"{folder}/{number.Attribute}"));
            Texts = Array.ConvertAll(WatchdogCollector.Texts, text => files.InSys($"{folder}/{text.Attribute}"));
        }

        public SourceFile[] Numbers { get; }

        public SourceFile[] Texts { get; }

        public override void Dispose()
        {
            foreach (SourceFile file in (SourceFile[])[.. Numbers, .. Texts])
                file.Dispose();
        }
    }
}
