using System.Diagnostics;
using System.Globalization;
using System.Threading;

namespace Integration.Tests.Fixture;

/// <summary>
/// Processes that would outlive a test run that is broken off. A test host that hangs is killed and cannot clean up, so a
/// shell remembers them, and kills them when its standard input ends with the host.
/// </summary>
public static class LeftOver
{
    private const string Watch = """
        trap '' INT TERM HUP
        pids=
        while read -r verb pid; do
            rest=
            for known in $pids; do [ "$known" = "$pid" ] || rest="$rest $known"; done
            pids=$rest
            [ "$verb" = forget ] || pids="$pids $pid"
        done
        for pid in $pids; do kill -s KILL -- "$pid"; done
        """;

    private static readonly Lock Gate = new();
    private static readonly Process Shell =
        Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Watch]) { RedirectStandardInput = true })!;

    /// <summary>Remembers a process, or by its negative number a group of them.</summary>
    public static void Note(int pid) => Tell("note", pid);

    /// <summary>It has ended, and its number may be somebody else's.</summary>
    public static void Forget(int pid) => Tell("forget", pid);

    private static void Tell(string verb, int pid)
    {
        lock (Gate)
        {
            Shell.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{verb} {pid}"));
            Shell.StandardInput.Flush();
        }
    }
}
