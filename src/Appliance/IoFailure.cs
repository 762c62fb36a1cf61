using System;
using System.IO;
using System.Runtime.InteropServices;

namespace Appliance;

/// <summary>Says in a few words why the file system refused something.</summary>
/// <remarks>
/// <see cref="Exception.Message"/> is not used: it repeats the path and differs from one version of .NET to the next. What
/// the C library says about errno is short and what administrators know.
/// </remarks>
internal static class IoFailure
{
    private const int MaxErrno = 4095; // MAX_ERRNO of the kernel, include/linux/err.h

    /// <summary>Whether the exception is one of those that file and statvfs calls answer errno with.</summary>
    public static bool IsOne(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentException // EFBIG, NUL in the path
            or OperationCanceledException // ECANCELED
            or OverflowException // a size that does not fit, for instance "available" below zero
            or NotSupportedException;

    /// <summary>For example "No such file or directory", "Permission denied", "Input/output error".</summary>
    public static string Describe(Exception e)
    {
        // The BCL keeps errno in HResult of the IOException, which for EACCES and EPERM is the inner one.
        Exception source = e is UnauthorizedAccessException && e.InnerException is IOException inner ? inner : e;
        if (source.HResult is > 0 and <= MaxErrno)
            return Marshal.GetPInvokeErrorMessage(source.HResult);

        return e switch
        {
            FileNotFoundException or DirectoryNotFoundException or DriveNotFoundException => "No such file or directory",
            PathTooLongException => "File name too long",
            UnauthorizedAccessException => "Permission denied",
            OperationCanceledException => "Operation canceled",
            OverflowException => "Value too large for defined data type",
            _ => "Unreadable",
        };
    }
}
