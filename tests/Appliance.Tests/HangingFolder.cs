using System;
using System.IO;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Tests;

/// <summary>
/// A folder whose files hang whoever opens or asks for them, as on a mount whose server is gone: a FUSE file system that nobody serves.
/// Not for those who may not mount.
/// </summary>
internal sealed partial class HangingFolder : IDisposable
{
    private const int Detach = 2; // MNT_DETACH

    private readonly string _path;
    private readonly SafeFileHandle _server;

    /// <param name="path">Of the folder, which is made.</param>
    public HangingFolder(string path)
    {
        _path = path;
        Directory.CreateDirectory(path);
        _server = File.OpenHandle("/dev/fuse", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        int result = Mount("appliance-test", path, "fuse", 0, $"fd={_server.DangerousGetHandle()},rootmode=40000,user_id=0,group_id=0");
        if (result != 0)
            throw new IOException($"mount: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? Missing
    {
        get
        {
            try
            {
                string path = Directory.CreateTempSubdirectory("appliance-fuse-").FullName;
                new HangingFolder(path).Dispose();
                Directory.Delete(path);
                return null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return $"nothing can be mounted here that hangs: {e.Message}";
            }
        }
    }

    /// <summary>Whoever hangs gets an error.</summary>
    public void Dispose()
    {
        _server.Dispose();
        _ = Unmount(_path, Detach);
    }

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Mount(string source, string target, string type, nuint flags, string options);

    [LibraryImport("libc", EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}

/// <summary>A fact that needs a <see cref="HangingFolder"/>; skipped with the reason where there can be none.</summary>
internal sealed class HangingFactAttribute : Xunit.FactAttribute
{
    public HangingFactAttribute() => Skip = HangingFolder.Missing;
}
