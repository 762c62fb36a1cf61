using System;
using System.Collections.Generic;
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
    private const int MaxMetric = (2 * MaxName) + 32;

    private readonly Pairs _netstat = new(files.InProc("net/netstat", hasShortRecords: true));
    private readonly Pairs _snmp = new(files.InProc("net/snmp", hasShortRecords: true));
    private readonly SourceFile _snmp6 = files.InProc("net/snmp6", hasShortRecords: true);

    public bool Collect(ExpositionWriter writer) => _netstat.Collect(writer) && _snmp.Collect(writer) && CollectSnmp6(writer);

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
        MetricName name = new(stackalloc byte[MaxMetric]);
        return TryName(protocol, field, ref name) && TryWrite(name.Text, text, writer);
    }

    private static bool TryName(ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> field, ref MetricName name)
    {
        if (protocol.Length > MaxName || field.Length > MaxName)
            return false;
        name.Append("node_netstat_"u8);
        name.Append(protocol);
        name.Append((byte)'_');
        name.Append(field);
        return true;
    }

    private static bool TryWrite(ReadOnlySpan<byte> metric, ReadOnlySpan<byte> text, ExpositionWriter writer)
    {
        if (!FieldReader.TryParseSigned(text, out long value))
            return false;
        writer.Family(MetricType.Untyped, metric, "A field of /proc/net/netstat, snmp or snmp6."u8);
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

    /// <summary>A file that has the names of its numbers in the line above them. The names stay the same while the kernel runs: they are taken apart once.</summary>
    private sealed class Pairs(SourceFile file)
    {
        private readonly List<Heading> _headings = [];

        public bool Collect(ExpositionWriter writer)
        {
            if (!file.TryRead(out ReadOnlySpan<byte> text))
                return false;
            LineReader lines = new(text);
            for (int i = 0; lines.TryRead(out ReadOnlySpan<byte> names); i++)
            {
                if (i == _headings.Count)
                    _headings.Add(new Heading());
                if (!_headings[i].TryLearn(names) || !lines.TryRead(out ReadOnlySpan<byte> values) || !_headings[i].TryWrite(values, writer))
                    return false;
            }
            return !lines.IsCut;
        }
    }

    /// <summary>A line of names, and which of its columns are wanted.</summary>
    private sealed class Heading
    {
        private readonly List<(int Column, byte[] Metric)> _wanted = [];
        private byte[] _line = [];
        private byte[] _label = []; // what both lines begin with, such as "Tcp:"
        private int _columns;

        public bool TryLearn(ReadOnlySpan<byte> line)
        {
            if (line.SequenceEqual(_line))
                return true;
            _line = [];
            _wanted.Clear();
            _columns = 0;
            FieldReader names = new(line);
            if (!names.TryRead(out ReadOnlySpan<byte> label) || label[^1] != (byte)':')
                return false;
            Span<byte> room = stackalloc byte[MaxMetric];
            for (; names.TryRead(out ReadOnlySpan<byte> field); _columns++)
            {
                MetricName name = new(room);
                if (!IsWanted(label[..^1], field))
                    continue;
                if (!TryName(label[..^1], field, ref name))
                    return false;
                _wanted.Add((_columns, name.Text.ToArray()));
            }
            _label = label.ToArray();
            _line = line.ToArray();
            return true;
        }

        public bool TryWrite(ReadOnlySpan<byte> line, ExpositionWriter writer)
        {
            FieldReader values = new(line);
            if (!values.TryRead(out ReadOnlySpan<byte> label) || !label.SequenceEqual(_label))
                return false;
            int next = 0;
            for (int column = 0; column < _columns; column++)
            {
                if (!values.TryRead(out ReadOnlySpan<byte> value))
                    return false;
                if (next < _wanted.Count && _wanted[next].Column == column
                    && !NetworkStatisticsCollector.TryWrite(_wanted[next++].Metric, value, writer))
                {
                    return false;
                }
            }
            return !values.TryRead(out _);
        }
    }
}
