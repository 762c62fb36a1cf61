using System.Collections.Generic;
using FastCgi;

namespace Appliance.Tests.Metrics;

/// <summary>A log that keeps its lines.</summary>
internal sealed class ListLog(List<string> lines) : IServerLog
{
    public bool IsEnabled(ServerLogLevel level) => true;

    public void Write(ServerLogLevel level, string message) => lines.Add(message);
}
