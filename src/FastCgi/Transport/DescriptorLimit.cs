using System;
using System.Runtime.InteropServices;

namespace FastCgi.Transport;

/// <summary>How many descriptors this process may have open: RLIMIT_NOFILE of getrlimit(2).</summary>
internal static partial class DescriptorLimit
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE, the same number on x86-64, arm and arm64

    /// <summary>
    /// Raises the soft limit to what is needed, as far as the hard limit lets it. No further, since children inherit it, and one
    /// that uses select(2) cannot cope with descriptors above 1023.
    /// </summary>
    /// <returns>How many there may be now, as far as that is known.</returns>
    public static long Raise(int needed)
    {
        // The words are as wide as the machine's, only musl's are wider on 32 bits; and no device with such has the memory to need more.
        if (!Environment.Is64BitProcess || GetLimit(OpenFiles, out Limit limit) < 0)
            return long.MaxValue;
        if (limit.Soft < (nuint)needed && limit.Soft < limit.Hard)
        {
            Limit raised = limit with { Soft = Math.Min((nuint)needed, limit.Hard) };
            if (SetLimit(OpenFiles, raised) == 0)
                limit = raised;
        }
        return (long)Math.Min((ulong)limit.Soft, long.MaxValue); // no limit at all is all bits set
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    /// <summary>struct rlimit.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private record struct Limit(nuint Soft, nuint Hard);
}
