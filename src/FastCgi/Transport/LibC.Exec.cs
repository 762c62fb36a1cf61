using System.Runtime.InteropServices;
using System.Text;

namespace FastCgi.Transport;

/// <summary>One program in place of another: execve(2).</summary>
internal static unsafe partial class LibC
{
    /// <summary>
    /// Replaces this process's program; descriptors that are not closed on exec stay open. Returns only when it fails, with the error.
    /// </summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Each ended by a NUL, as /proc/self/cmdline has them.</param>
    /// <param name="environment">The same of the variables, as in /proc/self/environ.</param>
    public static int Execute(string path, byte[] arguments, byte[] environment)
    {
        fixed (byte* argumentBytes = arguments, environmentBytes = environment)
        fixed (byte** argumentPointers = Pointers(argumentBytes, arguments), environmentPointers = Pointers(environmentBytes, environment))
            return Result(ExecVe(path, argumentPointers, environmentPointers));
    }

    /// <summary>Copies a descriptor to a number, where it stays open in the next program.</summary>
    public static int KeepAs(int descriptor, int number) =>
        descriptor == number ? Result(Fcntl(descriptor, SetDescriptorFlags, 0)) : Result(Dup2(descriptor, number));

    /// <summary>Where a symbolic link leads; the link itself when that cannot be read.</summary>
    public static string ReadLink(string path)
    {
        const int longest = 4096; // PATH_MAX
        byte* target = stackalloc byte[longest];
        nint length = ReadLink(path, target, longest);
        return length > 0 ? Encoding.UTF8.GetString(target, (int)length) : path;
    }

    private static byte*[] Pointers(byte* bytes, byte[] strings)
    {
        int count = 0;
        foreach (byte b in strings)
            count += b == 0 ? 1 : 0;
        var pointers = new byte*[count + 1]; // the last one stays null
        int start = 0;
        for (int i = 0; i < count; i++)
        {
            pointers[i] = bytes + start;
            while (strings[start++] != 0)
            {
            }
        }
        return pointers;
    }

    [LibraryImport("libc", EntryPoint = "readlink", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLink(string path, byte* target, nuint length);

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ExecVe(string path, byte** arguments, byte** environment);
}
