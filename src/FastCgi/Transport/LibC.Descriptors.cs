using System.Runtime.InteropServices;

namespace FastCgi.Transport;

/// <summary>Descriptors that somebody else has opened, or left closed.</summary>
internal static unsafe partial class LibC
{
    private const int ReadWrite = 2; // O_RDWR
    private const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC
    private const int GetFlags = 3; // F_GETFL
    private const int SetFlags = 4; // F_SETFL
    private const int FirstFreeDescriptor = 3;

    public static int MakeNonBlocking(int descriptor)
    {
        int flags = Result(Fcntl(descriptor, GetFlags, 0));
        return flags < 0 ? flags : Result(Fcntl(descriptor, SetFlags, flags | NonBlocking));
    }

    /// <summary>
    /// Puts /dev/null on the descriptors 0 to 2 that are closed, as a web server may leave 1 and 2 (FastCGI 1.0 §2.2): otherwise a
    /// connection could become standard error, and be sent the log.
    /// </summary>
    public static void FillStandardDescriptors()
    {
        int descriptor;
        do
            descriptor = Open("/dev/null", ReadWrite, 0);
        while (descriptor is >= 0 and < FirstFreeDescriptor);
        if (descriptor >= 0)
            CloseDescriptor(descriptor);
    }

    /// <summary>
    /// Moves what a web server left on descriptor 0 to 3 or above, closed in children, and puts /dev/null in its place, so
    /// that no child keeps a listening socket alive (lighttpd then says "socket is already used").
    /// </summary>
    public static int TakeStandardInput()
    {
        int moved = Result(Fcntl(0, DuplicateCloseOnExec, FirstFreeDescriptor));
        if (moved < 0)
            return moved;
        int nothing = Result(Open("/dev/null", 0, 0));
        int replaced = nothing < 0 ? nothing : Result(Dup2(nothing, 0));
        if (nothing > 0)
            CloseDescriptor(nothing);
        return replaced < 0 ? replaced : moved;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Dup2(int from, int to);
}
