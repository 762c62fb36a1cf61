using System.Threading;

namespace FastCgi;

/// <summary>What happens is counted here, where it happens.</summary>
/// <remarks>
/// What every connection or request changes is changed by the loop's thread alone, with a plain increment; others may
/// read it. What goes wrong may do so on any thread, and is rare: <see cref="Add"/>.
/// </remarks>
internal sealed class ServerCounters
{
    // The loop's thread.
    public long Accepted;
    public long Requests;
    public int MostRunning;
    public int MostConnections;
    public long ConnectionLimitReached;
    public long AcceptFailures;

    // Any thread.
    public long UnsentBytes; // now: of answers whose fronts have not taken what was sent
    public long Refused;
    public long Failed;
    public long Overloaded;
    public long Aborted;
    public long TimedOut;
    public long Slow;
    public long ProtocolErrors;
    public long ConnectionsTimedOut;

    public static void Add(ref long counter) => Interlocked.Increment(ref counter);
}
