using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Appliance.Access;
using Appliance.AccessLog;
using FastCgi;

namespace Appliance.Settings;

/// <summary>THE table of settings: key → how its text changes the settings. A new setting = one line here.</summary>
internal static class SettingsTable
{
    private const long LeastMemory = 16 << 20; // several times what the program needs when idle
    private const int Day = 24 * 60 * 60; // the longest any timeout may be, in seconds

    /// <summary>Applies a value; throws <see cref="FormatException"/> saying what was expected instead.</summary>
    public delegate ApplianceSettings Setter(ApplianceSettings settings, string value);

    /// <summary>The same for one entry of a map, such as a user of Access:Users.</summary>
    public delegate ApplianceSettings MapSetter(ApplianceSettings settings, string name, string value);

    /// <summary>Keys with their parts joined by a colon; case does not matter.</summary>
    public static IReadOnlyDictionary<string, Setter> Entries { get; } =
        new Dictionary<string, Setter>(StringComparer.OrdinalIgnoreCase)
        {
            ["Log:Level"] = (s, v) => s with { LogLevel = Level(v) },
            ["Log:Access"] = (s, v) => s with { AccessLogTo = Destination(v) },
            ["Log:AccessFormat"] = (s, v) => s with { AccessFormat = AccessLogFormat.Parse(v).Text },
            ["Log:SlowRequestMilliseconds"] =
                Limit((l, v) => l with { SlowRequestThreshold = TimeSpan.FromMilliseconds(Whole(v, 0, Day * 1000)) }),
            ["Socket:Mode"] = (s, v) => s with { SocketMode = Mode(v) },
            ["Socket:Backlog"] = Limit((l, v) => l with { Backlog = Whole(v, 1, 65535) }),

            ["Access:Hosts"] = (s, v) => s with { Hosts = HostNames(v) },
            ["Access:Realm"] = (s, v) => s with { Realm = Realm(v) },

            ["Paths:Proc"] = (s, v) => s with { Roots = s.Roots with { Proc = Absolute(v) } },
            ["Paths:Sys"] = (s, v) => s with { Roots = s.Roots with { Sys = Absolute(v) } },
            ["Paths:Root"] = (s, v) => s with { Roots = s.Roots with { Root = Absolute(v) } },
            ["Status:MountDeadlineMilliseconds"] =
                (s, v) => s with { MountDeadline = TimeSpan.FromMilliseconds(Whole(v, 1, 60_000)) },
            ["Status:SourceDeadlineMilliseconds"] =
                (s, v) => s with { Status = s.Status with { SourceDeadline = TimeSpan.FromMilliseconds(Whole(v, 1, 60_000)) } },
            ["Status:LeasesFile"] = (s, v) => s with { Status = s.Status with { LeasesFile = Absolute(v) } },
            ["Status:ListEntries"] = (s, v) => s with { Status = s.Status with { ListEntries = Whole(v, 0, 1_000_000) } },
            ["Status:TopProcesses"] = (s, v) => s with { Status = s.Status with { TopProcesses = Whole(v, 0, 1000) } },
            ["Status:ScannedProcesses"] = (s, v) => s with { Status = s.Status with { ScannedProcesses = Whole(v, 0, 4 << 20) } },
            ["Status:Warnings"] = (s, v) => s with { Status = s.Status with { Warnings = Whole(v, 0, 1000) } },
            ["Status:StreamWatchers"] = (s, v) => s with { StreamWatchers = Whole(v, 0, 65535) },
            ["Metrics:OpenFiles"] = (s, v) => s with { MetricsOpenFiles = Whole(v, 0, 65535) },
            ["Metrics:Textfiles"] = (s, v) => s with { MetricsTextfiles = Folder(v) },

            ["Limits:Connections"] = Limit((l, v) => l with { MaxConnections = Whole(v, 1, 65535) }),
            ["Limits:Requests"] = Limit((l, v) => l with { MaxRequests = Whole(v, 1, 65535) }),
            ["Limits:RequestsPerConnection"] = Limit((l, v) => l with { MaxRequestsPerConnection = Whole(v, 1, 65535) }),
            ["Limits:ParametersBytes"] = Limit((l, v) => l with { MaxParametersBytes = Whole(v, 1024, 16 << 20) }),
            ["Limits:Parameters"] = Limit((l, v) => l with { MaxParameters = Whole(v, 16, 65535) }),
            ["Limits:BodyBytes"] = Limit((l, v) => l with { MaxBodyBytes = Whole(v, 0, long.MaxValue) }),
            ["Limits:BodyBufferBytes"] = Limit((l, v) => l with { BodyBufferBytes = Whole(v, 4096, 16 << 20) }),
            ["Limits:ResponseHeaderBytes"] = Limit((l, v) => l with { MaxResponseHeaderBytes = Whole(v, 1024, 31 << 10) }),
            ["Limits:UnflushedBytes"] = Limit((l, v) => l with { MaxUnflushedBytes = Whole(v, 64 << 10, 1 << 30) }),
            ["Limits:UnsentBytes"] = Limit((l, v) => l with { MaxUnsentBytes = Whole(v, 64 << 10, 1L << 40) }),
            ["Limits:LingerBytes"] = Limit((l, v) => l with { LingerBytes = Whole(v, 0, 1 << 30) }),
            ["Limits:SkippedBytes"] = Limit((l, v) => l with { MaxSkippedBytes = Whole(v, 0, long.MaxValue) }),
            ["Limits:ErrorBytes"] = Limit((l, v) => l with { MaxErrorBytes = Whole(v, 0, 32 << 10) }),
            ["Limits:RefuseWithOverloaded"] = Limit((l, v) => l with { RefuseWithOverloaded = YesOrNo(v) }),
            ["Limits:UnreadAnswers"] = Limit((l, v) => l with { MaxUnreadAnswers = Whole(v, 1, 65535) }),
            ["Limits:BlockingHandlers"] = Limit((l, v) => l with { MaxBlockingHandlers = Whole(v, 1, 256) }),
            ["Limits:QueuedRequests"] = Limit((l, v) => l with { MaxQueuedRequests = Whole(v, 0, 65535) }),

            ["Limits:RecycleAfterRequests"] = Limit((l, v) => l with { RecycleAfterRequests = Whole(v, 0, long.MaxValue) }),
            ["Limits:RecycleAboveMemoryBytes"] = Limit((l, v) => l with { RecycleAboveMemoryBytes = Memory(v) }),
            ["Limits:RecyclePatienceSeconds"] = Limit((l, v) => l with { RecyclePatience = Seconds(v) }),

            ["Timeouts:HeaderSeconds"] = Limit((l, v) => l with { HeaderTimeout = Seconds(v) }),
            ["Timeouts:BodySeconds"] = Limit((l, v) => l with { BodyTimeout = Seconds(v) }),
            ["Timeouts:StallSeconds"] = Limit((l, v) => l with { StallTimeout = Seconds(v) }),
            ["Timeouts:WriteSeconds"] = Limit((l, v) => l with { WriteTimeout = Seconds(v) }),
            ["Timeouts:IdleSeconds"] = Limit((l, v) => l with { IdleTimeout = Seconds(v) }),
            ["Timeouts:RequestSeconds"] = Limit((l, v) => l with { RequestTimeout = Seconds(v) }),
            ["Timeouts:LingerSeconds"] = Limit((l, v) => l with { LingerTimeout = Seconds(v) }),
            ["Timeouts:DrainSeconds"] = Limit((l, v) => l with { DrainTimeout = Seconds(v) }),
            ["Timeouts:DrainIdleMilliseconds"] =
                Limit((l, v) => l with { DrainIdleTimeout = TimeSpan.FromMilliseconds(Whole(v, 0, 60_000)) }),
        };

    /// <summary>Keys whose value is an object of names that are not ours to know; case matters in those names.</summary>
    public static IReadOnlyDictionary<string, MapSetter> Maps { get; } =
        new Dictionary<string, MapSetter>(StringComparer.OrdinalIgnoreCase)
        {
            ["Access:Users"] = (s, name, v) => s with { Users = s.Users.With(name, Role(v)) },
        };

    /// <summary>The setter of a key, or of an entry of a map: <c>Access:Users:alice</c>; null for a key that is not known.</summary>
    public static Setter? Find(string key)
    {
        if (Entries.TryGetValue(key, out Setter? set))
            return set;
        int end = key.LastIndexOf(':');
        if (end < 0 || !Maps.TryGetValue(key[..end], out MapSetter? setEntry) || end == key.Length - 1)
            return null;
        string name = key[(end + 1)..];
        return (settings, value) => setEntry(settings, name, value);
    }

    /// <summary>Whether there are keys inside this one.</summary>
    public static bool IsSection(string key) => Below($"{key}:").Count > 0;

    /// <summary>Says that a key is not known, and what could have been meant: the keys of its section, or the sections.</summary>
    public static string Unknown(string key)
    {
        List<string> siblings = Below(key[..(key.IndexOf(':') + 1)]);
        string known = siblings.Count > 0
            ? $"known are {string.Join(", ", siblings)}"
            : $"the sections are {string.Join(", ", Sections())}";
        return $"unknown setting {SettingsException.Quote(key)}; {known}";
    }

    /// <summary>Every key, as messages name them: an entry of a map by a name that stands for any.</summary>
    private static List<string> Known()
    {
        List<string> keys = [.. Entries.Keys];
        foreach (string map in Maps.Keys)
            keys.Add($"{map}:NAME");
        return keys;
    }

    private static List<string> Below(string section)
    {
        List<string> keys = [];
        foreach (string key in Known())
        {
            if (section.Length > 0 && key.StartsWith(section, StringComparison.OrdinalIgnoreCase))
                keys.Add(key);
        }
        return keys;
    }

    private static List<string> Sections()
    {
        List<string> sections = [];
        foreach (string key in Known())
        {
            string section = key[..key.IndexOf(':')];
            if (!sections.Contains(section))
                sections.Add(section);
        }
        return sections;
    }

    private static Setter Limit(Func<ServerLimits, string, ServerLimits> change) =>
        (settings, value) => settings with { Limits = change(settings.Limits, value) };

    private static int Whole(string value, int least, int most) => (int)Whole(value, least, (long)most);

    private static long Whole(string value, long least, long most)
    {
        // Digits are asked for separately: TryParse takes zero bytes behind them.
        bool isNumber = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && value.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;
        if (isNumber && number >= least && number <= most)
            return number;
        throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"expected a whole number from {least} to {most}"));
    }

    private static bool YesOrNo(string value) =>
        bool.TryParse(value, out bool yes) ? yes : throw new FormatException("expected true or false");

    private static long Memory(string value)
    {
        long bytes = Whole(value, 0, long.MaxValue);
        if (bytes is > 0 and < LeastMemory)
            throw new FormatException($"expected 0 or at least {LeastMemory}: below, the program would do nothing but start anew");
        return bytes;
    }

    private static TimeSpan Seconds(string value) => TimeSpan.FromSeconds(Whole(value, 1, Day));

    private static string Absolute(string value) =>
        value.StartsWith('/') && !value.Contains('\0') ? value : throw new FormatException("expected an absolute path");

    private static string? Folder(string value) => value switch
    {
        "off" => null,
        ['/', ..] when !value.Contains('\0') => value.TrimEnd('/'),
        _ => throw new FormatException("expected off or an absolute path"),
    };

    private static UserRole Role(string value) => UserRoleNames.TryParse(value, out UserRole role)
        ? role
        : throw new FormatException($"expected {UserRoleNames.Known}");

    private static string[] HostNames(string value)
    {
        string[] names = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in names)
        {
            if (!HostField.TryParse(Encoding.UTF8.GetBytes(name), out HostField host) || host.IsAddress || host.Port is not null)
                throw new FormatException($"expected names such as router.lan, with blanks between, and not {SettingsException.Quote(name)}");
        }
        return names;
    }

    private static string Realm(string value) =>
        value.Length is > 0 and <= 100 && value.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && value.AsSpan().IndexOfAny('"', '\\') < 0
            ? value
            : throw new FormatException("expected 1 to 100 printable ASCII characters without \" and \\");

    private static string? Destination(string value) => value switch
    {
        "off" => null,
        AccessLogWriter.StandardError => value,
        ['/', ..] when !value.Contains('\0') => value,
        _ => throw new FormatException($"expected off, {AccessLogWriter.StandardError} or an absolute path"),
    };

    private static ServerLogLevel Level(string value) => value switch
    {
        "debug" => ServerLogLevel.Debug,
        "information" => ServerLogLevel.Information,
        "warning" => ServerLogLevel.Warning,
        "error" => ServerLogLevel.Error,
        _ => throw new FormatException("expected debug, information, warning or error"),
    };

    private static UnixFileMode Mode(string value)
    {
        // With its 0 in front, as chmod(1) shows it: 432, a JSON number, is the same permissions to a program and other ones to a person.
        int bits = value.StartsWith('0') ? 0 : int.MaxValue;
        foreach (char digit in value)
            bits = digit is >= '0' and <= '7' && bits <= 0x3F ? (bits << 3) + digit - '0' : int.MaxValue;
        return bits is > 0 and <= 0x1FF ? (UnixFileMode)bits : throw new FormatException("expected octal permissions such as 0660");
    }
}
