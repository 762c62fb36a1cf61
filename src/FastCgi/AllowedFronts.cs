using System;
using FastCgi.Transport;

namespace FastCgi;

/// <summary>
/// Which web servers may connect over TCP: those that FCGI_WEB_SERVER_ADDRS names (FastCGI 1.0 §3.2). Where it is not set, those
/// on this device: FastCGI has no password, and a front is believed whatever it says about its client.
/// </summary>
internal sealed class AllowedFronts
{
    private const string Variable = "FCGI_WEB_SERVER_ADDRS";

    private readonly IpAddress[]? _named;
    private readonly EventLog _log;

    /// <param name="list">Addresses with commas between; null for this device's alone. If one is wrong, nobody may connect.</param>
    /// <param name="log">Is told of a wrong list, and of who is turned away.</param>
    public AllowedFronts(string? list, EventLog log)
    {
        _log = log;
        if (list is not null)
            _named = Parse(list);
    }

    public static AllowedFronts FromEnvironment(EventLog log) => new(Environment.GetEnvironmentVariable(Variable), log);

    /// <summary>A connection from the queue, as <see cref="LibC.Accept"/> has it; one that is turned away looks like one that has gone.</summary>
    public int Accept(int listening)
    {
        Span<byte> address = stackalloc byte[LibC.LongestInternetAddress];
        int accepted = LibC.AcceptFrom(listening, address);
        if (accepted < 0 || TcpAddress.Read(address) is not TcpAddress front || Admits(front.Host))
            return accepted;
        LibC.CloseDescriptor(accepted);
        string why = _named is null ? $"{Variable} is not set, so only this device may connect" : $"{Variable} does not name it";
        _log.Report(EventKind.FrontTurnedAway, ServerLogLevel.Warning, $"connection from {front.Host} closed: {why}");
        return LibC.ConnectionAborted;
    }

    public bool Admits(IpAddress front) => _named is null ? front.IsLoopback : _named.AsSpan().Contains(front);

    private IpAddress[] Parse(string list)
    {
        string[] items = list.Split(',', StringSplitOptions.TrimEntries);
        var addresses = new IpAddress[items.Length];
        for (int i = 0; i < items.Length; i++)
        {
            if (IpAddress.TryParse(items[i], out addresses[i]))
                continue;
            _log.Write(ServerLogLevel.Error, $"{Variable}: \"{items[i]}\" is no IP address; nobody may connect over TCP");
            return [];
        }
        return addresses;
    }
}
