using System;
using System.Buffers;
using System.Collections.Generic;

namespace Appliance.Status;

/// <summary>How the device is, as one JSON document.</summary>
/// <remarks>
/// Members, each absent when its source cannot be read and then named in "unavailable":
/// <code>
/// hostname, kernel             what uname says
/// os                           PRETTY_NAME of os-release; absent where there is none, which is no fault
/// uptime_seconds               since boot, with two decimals
/// load                         {"1m","5m","15m"}
/// boot_time_unix_seconds       since 1970 UTC, by the device's clock
/// cpu                          {"count","total":{"user_seconds",…},"cpus":[{"cpu","user_seconds",…}]}, since boot, and "usage_percent"
/// memory                       {"total_bytes","available_bytes","free_bytes","buffers_bytes","cached_bytes","swap_total_bytes",…}
/// temperatures                 [{"chip","sensor","label","celsius"}]
/// fans                         [{"chip","sensor","label","revolutions_per_minute"}]
/// filesystems                  [{"mountpoint","device","type","read_only", then sizes in bytes, or "error"}]
/// disks                        [{"name","read_bytes","written_bytes","reads","writes", then rates and "busy_percent"}]
/// raid                         [{"name","active","size_bytes","disks":{…},"activity","synced_bytes","synced_percent"}]
/// interfaces                   [{"name","state","mtu_bytes","address","speed_mbps","receive":{…},"transmit":{…}}]
/// addresses                    [{"address","prefix_length","interface"}]
/// routes                       [{"destination","gateway","interface","metric"}]
/// neighbours                   [{"address","interface","hardware_address","state"}]
/// dhcp_leases                  [{"address","hardware_address","hostname","client_id","expires_unix_seconds"}]
/// conntrack                    {"entries","limit"}
/// processes                    {"count","by_cpu":[{"pid","name","cpu_percent","cpu_seconds","resident_bytes"}],"by_memory":[…]}
/// warnings                     [{"level","uptime_seconds","message"}]
/// unavailable                  [{"part","reason"}], always there, usually empty
/// </code>
/// What a kernel or a device need not have (raid, conntrack, dhcp_leases, sensors, IPv6) is absent or empty without complaint.
/// The whole is described for clients in rootfs/usr/share/appliance/openapi.json.
/// Whatever the sources say, the answer is one valid document; a member whose source hangs, or says what nobody has thought of, is absent
/// like one that cannot be read. Names are bytes to the kernel; what is not UTF-8 in them comes out as U+FFFD, which Utf8JsonWriter sees
/// to, so two such names may look alike.
/// Rates are averages over the "interval_seconds" beside them, since an earlier answer (<see cref="CounterHistory"/>); the first answer has none.
/// Deliberately not here: HTTP, FastCGI.
/// </remarks>
internal sealed class DeviceStatus
{
    /// <summary>How long one mount may take to tell its size unless settings say otherwise.</summary>
    /// <remarks>Origin: arbitrary. A person who opens a status page waits a second without wondering.</remarks>
    public static TimeSpan DefaultMountDeadline => TimeSpan.FromSeconds(1);

    private readonly StatusPart[] _parts;
    private readonly CounterHistory _cpus, _disks, _interfaces, _processes;
    private readonly GuardedCalls<PartText> _calls;

    /// <param name="roots">Where the sources are.</param>
    /// <param name="probe">Asks filesystems for their sizes, and does not hang with them.</param>
    /// <param name="options">Bounds; their defaults when left out.</param>
    /// <param name="time">The clock of the rates; the monotonic one when left out.</param>
    public DeviceStatus(StatusRoots roots, FilesystemProbe probe, StatusOptions? options = null, TimeProvider? time = null)
    {
        options ??= new StatusOptions();
        time ??= TimeProvider.System;
        (_cpus, _disks, _interfaces, _processes) = (new(time), new(time), new(time), new(time));
        _parts = Table(roots, probe, options);
        _calls = new GuardedCalls<PartText>("status", options.SourceDeadline, 2 * options.SourceDeadline, mostHanging: _parts.Length);
    }

    /// <summary>THE table of the document's members, in their order.</summary>
    private StatusPart[] Table(StatusRoots roots, FilesystemProbe probe, StatusOptions options) =>
    [
        new("hostname", isFast: false, (json, missing) => IdentityPart.WriteHostname(json, roots, missing)),
        new("kernel", isFast: false, (json, missing) => IdentityPart.WriteKernel(json, roots, missing)),
        new("os", isFast: false, (json, _) => IdentityPart.WriteOs(json, roots)),
        new("uptime_seconds", isFast: true, (json, missing) => ActivityPart.WriteUptime(json, roots, missing)),
        new("load", isFast: true, (json, missing) => ActivityPart.WriteLoad(json, roots, missing)),
        new("boot_time_unix_seconds", isFast: false, (json, missing) => ActivityPart.WriteBootTime(json, roots, missing)),
        new("cpu", isFast: true, (json, missing) => ActivityPart.WriteCpu(json, roots, _cpus, missing)),
        new("memory", isFast: true, (json, missing) => MemoryPart.Write(json, roots, missing)),
        new("temperatures", isFast: true, (json, _) => SensorsPart.WriteTemperatures(json, roots)),
        new("fans", isFast: true, (json, _) => SensorsPart.WriteFans(json, roots)),
        new("filesystems", isFast: false, (json, missing) => FilesystemsPart.Write(json, roots, probe, missing)),
        new("disks", isFast: true, (json, missing) => DisksPart.Write(json, roots, _disks, missing)),
        new("raid", isFast: false, (json, missing) => RaidPart.Write(json, roots, missing)),
        new("interfaces", isFast: true, (json, missing) => InterfacesPart.Write(json, roots, _interfaces, missing)),
        new("addresses", isFast: false, (json, missing) => AddressesPart.Write(json, roots, options.ListEntries, missing)),
        new("routes", isFast: false, (json, missing) => RoutesPart.Write(json, roots, options.ListEntries, missing)),
        new("neighbours", isFast: false, (json, missing) => NeighboursPart.Write(json, roots, options.ListEntries, missing)),
        new("dhcp_leases", isFast: false, (json, missing) => LeasesPart.Write(json, roots.InRoot(options.LeasesFile), options.ListEntries, missing)),
        new("conntrack", isFast: false, (json, _) => ConntrackPart.Write(json, roots)),
        new("processes", isFast: false, (json, missing) => ProcessesPart.Write(json, roots, options, _processes, missing)),
        new("warnings", isFast: false, (json, missing) => WarningsPart.Write(json, roots, options.Warnings, missing)),
    ];

    /// <summary>The members, for who wants only some of them.</summary>
    public IReadOnlyList<StatusPart> Parts => _parts;

    /// <summary>
    /// Reads everything anew and writes one object. Blocks on files, and on what hangs up to its deadline, so it belongs on the thread
    /// pool. May be called from several threads at once.
    /// </summary>
    /// <param name="document">Gets the object.</param>
    /// <param name="selects">Which members are wanted, all when left out; "unavailable" is always there.</param>
    public void Write(ArrayBufferWriter<byte> document, Predicate<StatusPart>? selects = null)
    {
        StatusPart[] selected = selects is null ? _parts : Array.FindAll(_parts, selects);
        Round round = new(this, selected, document);
        document.Write("{"u8);
        _calls.Run(round);
        round.WriteUnavailable();
        document.Write("}"u8);
    }

    /// <summary>The next answer has no rates: the earlier ones are too old to compare with.</summary>
    public void ForgetRates()
    {
        foreach (CounterHistory history in (ReadOnlySpan<CounterHistory>)[_cpus, _disks, _interfaces, _processes])
            history.Forget();
    }

    /// <summary>One answer.</summary>
    private sealed class Round(DeviceStatus device, StatusPart[] selected, ArrayBufferWriter<byte> document)
        : GuardedRound<PartText>(selected.Length)
    {
        private readonly UnavailableParts _unavailable = new();
        private PartText _text = new(); // of one part after the other
        private bool _hasMembers;

        public override int KeyOf(int index) => Array.IndexOf(device._parts, selected[index]);

        public override PartText Call(int index)
        {
            PartText text = _text; // one that hangs keeps it
            text.Begin();
            selected[index].Write(text.Json, text.Unavailable);
            text.End();
            return text;
        }

        public override PartText Failed(int index, Exception reason) => Without(index, $"{reason.GetType().Name}: {reason.Message}");

        public override void Abandon(int index) => _text = new PartText();

        public override PartText Unanswered(int index, NoAnswer reason) =>
            Without(index, reason == NoAnswer.Timeout ? "does not answer" : "not asked: others took too long");

        public override void Take(int index, PartText answer)
        {
            Append(answer.Members);
            _unavailable.Add(answer.Unavailable);
        }

        public void WriteUnavailable()
        {
            _text.Begin();
            _unavailable.Write(_text.Json);
            _text.End();
            Append(_text.Members);
        }

        private void Append(ReadOnlySpan<byte> members)
        {
            if (members.IsEmpty)
                return;
            if (_hasMembers)
                document.Write(","u8);
            document.Write(members);
            _hasMembers = true;
        }

        private PartText Without(int index, string reason)
        {
            PartText text = new();
            text.Unavailable.Add(selected[index].Name, reason);
            return text;
        }
    }
}
