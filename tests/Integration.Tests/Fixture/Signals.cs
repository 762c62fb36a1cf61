using System.Runtime.InteropServices;

namespace Integration.Tests.Fixture;

/// <summary>kill(2).</summary>
public static partial class Signals
{
    public const int HangUp = 1;
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int User1 = 10;
    public const int Terminate = 15;

    /// <summary>Sends a signal to a process, or by its negative number to a group of them; if it is gone, in vain.</summary>
    public static void Send(int pid, int signal) => _ = KillProcess(pid, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int KillProcess(int pid, int signal);
}
