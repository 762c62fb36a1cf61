using System;
using System.Runtime.InteropServices;
using System.Text;

namespace Appliance;

/// <summary>
/// Lines on standard output and standard error by write(2): System.Console would add 239 KB and a thread to the binary.
/// </summary>
internal static partial class StandardStreams
{
    public const int Output = 1;
    public const int Error = 2;

    /// <summary>Writes a line in one call, so that lines of several threads do not mix. What cannot be written is lost.</summary>
    public static void WriteLine(int descriptor, string line)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(line + "\n");
        while (!rest.IsEmpty)
        {
            nint written = Write(descriptor, rest, (nuint)rest.Length);
            if (written <= 0)
                return;
            rest = rest[(int)written..];
        }
    }

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, ReadOnlySpan<byte> bytes, nuint count);
}
