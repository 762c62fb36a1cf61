using System;
using System.Text.Json;

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
/// cpu                          {"count","total":{"user_seconds",…},"cpus":[{"cpu","user_seconds",…}]}, since boot
/// memory                       {"total_bytes","available_bytes","free_bytes","buffers_bytes","cached_bytes","swap_total_bytes",…}
/// filesystems                  [{"mountpoint","device","type","read_only", then sizes in bytes, or "error"}]
/// interfaces                   [{"name","state","mtu_bytes","address","speed_mbps","receive":{…},"transmit":{…}}]
/// unavailable                  [{"part","reason"}], always there, usually empty
/// </code>
/// Whatever the sources say, the answer is one valid document. Names are bytes to the kernel; what is not UTF-8 in them comes out
/// as U+FFFD, which Utf8JsonWriter sees to, so two such names may look alike.
/// Deliberately not here: rates (counters and uptime_seconds let the reader compute them), HTTP, FastCGI.
/// </remarks>
internal sealed class DeviceStatus
{
    /// <summary>How long one mount may take to tell its size unless settings say otherwise.</summary>
    /// <remarks>Origin: arbitrary. A person who opens a status page waits a second without wondering.</remarks>
    public static TimeSpan DefaultMountDeadline => TimeSpan.FromSeconds(1);

    private readonly StatusRoots _roots;
    private readonly FilesystemProbe _probe;

    /// <param name="roots">Where the sources are.</param>
    /// <param name="probe">Asks filesystems for their sizes, and does not hang with them.</param>
    public DeviceStatus(StatusRoots roots, FilesystemProbe probe)
    {
        _roots = roots;
        _probe = probe;
    }

    /// <summary>
    /// Reads everything anew and writes one object. Blocks on files, and on a hanging mount up to its deadline, so it
    /// belongs on the thread pool. May be called from several threads at once, each with a writer of its own.
    /// </summary>
    /// <param name="writer">Stands where a value may stand; is not flushed.</param>
    public void Write(Utf8JsonWriter writer)
    {
        UnavailableParts unavailable = new();
        writer.WriteStartObject();
        IdentityPart.Write(writer, _roots, unavailable);
        ActivityPart.Write(writer, _roots, unavailable);
        MemoryPart.Write(writer, _roots, unavailable);
        FilesystemsPart.Write(writer, _roots, _probe, unavailable);
        InterfacesPart.Write(writer, _roots, unavailable);
        unavailable.Write(writer);
        writer.WriteEndObject();
    }
}
