namespace Appliance.Status;

/// <summary>How the kernel hands out the texts it makes for a reader, such as /proc/net/dev; kernel fs/seq_file.c.</summary>
/// <remarks>
/// It puts whole records into a buffer of a page or more, until the next one does not fit. To hear that there is none, it has to be
/// asked once more, and then goes through its table again from the start: for /proc/net/udp that is as long as the first time.
/// </remarks>
internal static class SequenceFile
{
    private const int Page = 4096; // the smallest of Linux
    private const int LongestRecord = 2048; // lines of tables have some 200 bytes

    /// <summary>
    /// Whether a read came to the end, because the record that would follow had had room. Not to be asked of files with longer records,
    /// as /proc/PID/mountinfo has (its options are arbitrary) and /proc/mdstat (an array with 150 disks).
    /// </summary>
    /// <param name="read">How many bytes came.</param>
    /// <param name="room">For how many there was room.</param>
    public static bool IsAtEnd(int read, int room) => read < room && read <= Page - LongestRecord;
}
