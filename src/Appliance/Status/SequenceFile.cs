namespace Appliance.Status;

/// <summary>How the kernel hands out the texts it makes for a reader, such as /proc/net/dev; kernel fs/seq_file.c.</summary>
/// <remarks>
/// It puts whole records into a buffer of a page or more, until the next one does not fit. To hear that there is none, it has to be
/// asked once more, and then goes through its table again from the start: for /proc/net/udp that is as long as the first time.
/// </remarks>
internal static class SequenceFile
{
    private const int Page = 4096; // the smallest of Linux
    private const int LongestRecord = 2047;

    /// <summary>
    /// Whether a read came to the end, because the record that would follow had had room. To be asked only of files whose records are
    /// short, such as tables that have one in a line, or of which there is only one (single_open, as of /proc/stat). Not of
    /// /proc/diskstats, where a disk with all its partitions is one record, /proc/mdstat and /proc/PID/mountinfo.
    /// </summary>
    /// <param name="read">How many bytes came.</param>
    /// <param name="room">For how many there was room.</param>
    public static bool IsAtEnd(int read, int room) => read < room && read < Page - LongestRecord;
}
