using System;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>netstat: counters of the protocols, from /proc/net/netstat, snmp and snmp6; proc_pid_net(5), RFC 2011 to 2013.</summary>
/// <remarks>
/// The first two have pairs of lines, names above values: "Tcp: … ActiveOpens …", "Tcp: … 3556 …"; the last a line for each:
/// "Udp6InDatagrams 0". A kernel without IPv6 lacks the last, which is no fault. Of the 300 counters those are written that
/// node_exporter writes by default.
/// </remarks>
internal sealed class NetworkStatisticsCollector(SourceFiles files) : ICollector
{
    private const int MaxName = 128; // the longest field of Linux 6 has 26 characters

    private readonly SourceFile _netstat = files.InProc("net/netstat");
    private readonly SourceFile _snmp = files.InProc("net/snmp");
    private readonly SourceFile _snmp6 = files.InProc("net/snmp6");

    public bool Collect(ExpositionWriter writer) =>
        CollectPairs(_netstat, writer) && CollectPairs(_snmp, writer) && CollectSnmp6(writer);

    private static bool CollectPairs(SourceFile file, ExpositionWriter writer)
    {
        if (!file.TryRead(out ReadOnlySpan<byte> text))
            return false;
        LineReader lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            FieldReader names = new(line);
            if (!lines.TryRead(out line))
                return false;
            FieldReader values = new(line);
            if (!names.TryRead(out ReadOnlySpan<byte> protocol) || !values.TryRead(out ReadOnlySpan<byte> again)
                || !protocol.SequenceEqual(again) || protocol[^1] != (byte)':')
            {
                return false;
            }
            while (names.TryRead(out ReadOnlySpan<byte> name))
            {
                if (!values.TryRead(out ReadOnlySpan<byte> value) || !TryWrite(protocol[..^1], name, value, writer))
                    return false;
            }
            if (values.TryRead(out _))
                return false;
        }
        return !lines.IsCut;
    }

    private bool CollectSnmp6(ExpositionWriter writer)
    {
        if (!_snmp6.TryRead(out ReadOnlySpan<byte> text))
            return _snmp6.IsMissing;
        LineReader lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            FieldReader fields = new(line);
            if (!fields.TryRead(out ReadOnlySpan<byte> name))
                continue;
            int six = name.IndexOf((byte)'6');
            if (six < 0)
                continue;
            if (!fields.TryRead(out ReadOnlySpan<byte> value) || !TryWrite(name[..(six + 1)], name[(six + 1)..], value, writer))
                return false;
        }
        return !lines.IsCut;
    }

    private static bool TryWrite(ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> field, ReadOnlySpan<byte> text, ExpositionWriter writer)
    {
        if (!IsWanted(protocol, field))
            return true;
        if (protocol.Length > MaxName || field.Length > MaxName || !FieldReader.TryParseSigned(text, out long value))
            return false;
        MetricName name = new(stackalloc byte[(2 * MaxName) + 32]);
        name.Append("node_netstat_"u8);
        name.Append(protocol);
        name.Append((byte)'_');
        name.Append(field);
        writer.Family(MetricType.Untyped, name.Text, "A field of /proc/net/netstat, snmp or snmp6."u8);
        writer.Sample(value);
        return true;
    }

    // node_exporter's default: ^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|
    // TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|
    // Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|
    // Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$
    private static bool IsWanted(ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> field)
    {
        if (field.SequenceEqual("InErrors"u8) || field.SequenceEqual("InErrs"u8))
            return true;
        if (protocol.SequenceEqual("TcpExt"u8))
        {
            return field.StartsWith("Listen"u8) || field.StartsWith("Syncookies"u8)
                || field.SequenceEqual("TCPSynRetrans"u8) || field.SequenceEqual("TCPTimeouts"u8)
                || field.SequenceEqual("TCPOFOQueue"u8) || field.SequenceEqual("TCPRcvQDrop"u8);
        }
        if (protocol.SequenceEqual("Tcp"u8))
        {
            return field.SequenceEqual("ActiveOpens"u8) || field.SequenceEqual("InSegs"u8) || field.SequenceEqual("OutSegs"u8)
                || field.SequenceEqual("OutRsts"u8) || field.SequenceEqual("PassiveOpens"u8)
                || field.SequenceEqual("RetransSegs"u8) || field.SequenceEqual("CurrEstab"u8);
        }
        if (protocol.SequenceEqual("Udp"u8) || protocol.SequenceEqual("Udp6"u8))
        {
            return field.SequenceEqual("InDatagrams"u8) || field.SequenceEqual("OutDatagrams"u8) || field.SequenceEqual("NoPorts"u8)
                || field.SequenceEqual("RcvbufErrors"u8) || field.SequenceEqual("SndbufErrors"u8);
        }
        if (protocol.SequenceEqual("Icmp"u8) || protocol.SequenceEqual("Icmp6"u8))
            return field.SequenceEqual("InMsgs"u8) || field.SequenceEqual("OutMsgs"u8);
        if (protocol.SequenceEqual("Ip6"u8) || protocol.SequenceEqual("IpExt"u8))
            return field.SequenceEqual("InOctets"u8) || field.SequenceEqual("OutOctets"u8);
        return protocol.SequenceEqual("Ip"u8) && field.SequenceEqual("Forwarding"u8);
    }
}
