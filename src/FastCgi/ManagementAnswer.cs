using System;
using System.Buffers.Text;
using FastCgi.Protocol;

namespace FastCgi;

/// <summary>Collects the name-value pairs that answer GET_VALUES, each at most once. FastCGI 1.0 §4.1.</summary>
internal ref struct ManagementAnswer
{
    private readonly ServerLimits _limits;
    private NameValueWriter _pairs;
    private bool _maxConnections;
    private bool _maxRequests;
    private bool _multiplexes;

    public ManagementAnswer(Span<byte> destination, ServerLimits limits)
    {
        _pairs = new NameValueWriter(destination);
        _limits = limits;
    }

    public readonly int Length => _pairs.Written;

    public void Add(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual(ManagementVariable.MaxConnections))
            AddOnce(name, _limits.MaxConnections, ref _maxConnections);
        else if (name.SequenceEqual(ManagementVariable.MaxRequests))
            AddOnce(name, MostRequests, ref _maxRequests);
        else if (name.SequenceEqual(ManagementVariable.MultiplexesConnections))
            AddOnce(name, _limits.MaxRequestsPerConnection > 1 ? 1 : 0, ref _multiplexes);
    }

    /// <summary>A front that multiplexes (HAProxy) takes it for the requests one connection may have.</summary>
    private readonly int MostRequests => _limits.MaxRequestsPerConnection > 1
        ? Math.Min(_limits.MaxRequests, _limits.MaxRequestsPerConnection)
        : _limits.MaxRequests;

    private void AddOnce(ReadOnlySpan<byte> name, int value, ref bool added)
    {
        if (added)
            return;
        added = true;
        Span<byte> digits = stackalloc byte[11];
        Utf8Formatter.TryFormat(value, digits, out int written);
        _pairs.TryWrite(name, digits[..written]);
    }
}
