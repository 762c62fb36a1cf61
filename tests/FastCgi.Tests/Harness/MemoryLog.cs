using System.Collections.Concurrent;
using System.Linq;

namespace FastCgi.Tests.Harness;

/// <summary>Keeps what the server reports.</summary>
internal sealed class MemoryLog : IServerLog
{
    private readonly ConcurrentQueue<(ServerLogLevel Level, string Message)> _lines = new();

    public (ServerLogLevel Level, string Message)[] Lines => [.. _lines];

    /// <summary>The one line of this level or above.</summary>
    public string Only(ServerLogLevel level) => Xunit.Assert.Single(Lines, line => line.Level >= level).Message;

    public bool IsSilent => Lines.All(line => line.Level == ServerLogLevel.Debug);

    public bool IsEnabled(ServerLogLevel level) => true;

    public void Write(ServerLogLevel level, string message) => _lines.Enqueue((level, message));
}
