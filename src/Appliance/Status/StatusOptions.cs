using System;

namespace Appliance.Status;

/// <summary>What a firmware builder can set of the status document.</summary>
internal sealed record StatusOptions
{
    /// <summary>
    /// How long one member of the status, or one collector of the metrics, may take; all of an answer take no longer than twice that.
    /// </summary>
    /// <remarks>Origin: arbitrary; an answer comes within the 10 s that Prometheus waits (scrape_timeout).</remarks>
    public TimeSpan SourceDeadline { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long all mounts together may take: their part of the answer is not to be late because of them.</summary>
    public TimeSpan MountsDeadline => 0.75 * SourceDeadline;

    /// <summary>The file that dnsmasq writes its leases to, below the device's root.</summary>
    /// <remarks>Origin: dnsmasq's own default. OpenWrt has /tmp/dhcp.leases.</remarks>
    public string LeasesFile { get; init; } = "/var/lib/misc/dnsmasq.leases";

    /// <summary>How many routes, neighbours or leases an answer has at most; of IPv4 and of IPv6 each, where both are listed.</summary>
    /// <remarks>Origin: arbitrary; a router with all routes of the Internet has a million.</remarks>
    public int ListEntries { get; init; } = 1000;

    /// <summary>How many processes are shown, of those with the most CPU time and of those with the most memory.</summary>
    /// <remarks>Origin: arbitrary.</remarks>
    public int TopProcesses { get; init; } = 5;

    /// <summary>How many processes are looked at for that.</summary>
    /// <remarks>Origin: arbitrary; about 10 µs each.</remarks>
    public int ScannedProcesses { get; init; } = 4096;

    /// <summary>How many of the kernel's last warnings are shown.</summary>
    /// <remarks>Origin: arbitrary.</remarks>
    public int Warnings { get; init; } = 20;
}
