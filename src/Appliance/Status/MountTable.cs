using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;

namespace Appliance.Status;

/// <summary>The mounts to show, from the text of /proc/PID/mountinfo.</summary>
internal static class MountTable
{
    /// <summary>
    /// Where the table is below /proc, the first that can be read: the device's own is that of its first process. A service may have one
    /// of its own, with mounts of its own and all of them read-only (systemd's ProtectSystem=strict), which is what is left where
    /// the first process is hidden (hidepid).
    /// </summary>
    public static ReadOnlySpan<string> Sources => new[] { "1/mountinfo", "self/mountinfo" };

    /// <summary>Reads every line; of several mounts on one mount point only the last can be seen, so only it counts.</summary>
    /// <param name="text">The file.</param>
    /// <param name="firstBadLine">Number of the first line that is no mount, 0 when there is none. Others are unharmed.</param>
    /// <param name="isCut">Whether the text stops in mid-line.</param>
    /// <returns>Without those <see cref="MountFilter"/> excludes, in the kernel's order.</returns>
    public static List<Mount> Parse(ReadOnlySpan<byte> text, out int firstBadLine, out bool isCut)
    {
        List<Mount?> mounts = [];
        List<byte[]> slow = []; // mount points of filesystems that may hang, and what is below them with them
        Dictionary<string, int> byMountpoint = [];
        firstBadLine = 0;

        LineReader lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!MountLine.TryParse(line, out MountLine mount))
            {
                firstBadLine = firstBadLine == 0 ? lines.LineNumber : firstBadLine;
                continue;
            }
            byte[] mountpoint = Unescape(mount.Mountpoint);
            if (!MountFilter.IsPrompt(mount.Type))
                slow.Add(mountpoint);

            // An excluded mount still hides what is below it, so it is noted, but nothing of it kept.
            Mount? kept = MountFilter.Excludes(mount.Type, mountpoint)
                ? null
                : new Mount(
                    mount.Id, mountpoint, Unescape(mount.Device), mount.Type.ToArray(), mount.ReadOnly, mount.DeviceNumber.ToArray());

            // Latin-1 maps bytes to characters one to one: names that differ stay different, UTF-8 or not.
            if (byMountpoint.Remove(Encoding.Latin1.GetString(mountpoint), out int hidden))
                mounts[hidden] = null;
            byMountpoint.Add(Encoding.Latin1.GetString(mountpoint), mounts.Count);
            mounts.Add(kept);
        }
        isCut = lines.IsCut;

        List<Mount> shown = [];
        foreach (Mount? mount in mounts)
        {
            if (mount is null)
                continue;
            mount.AnswersAtOnce = !slow.Exists(folder => MountFilter.IsOrIsBelow(mount.Mountpoint, folder));
            shown.Add(mount);
        }
        return shown;
    }

    private static byte[] Unescape(ReadOnlySpan<byte> field)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(field.Length);
        int length = MountLine.Unescape(field, buffer);
        byte[] result = buffer.AsSpan(0, length).ToArray();
        ArrayPool<byte>.Shared.Return(buffer);
        return result;
    }
}
