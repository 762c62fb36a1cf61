using System;
using System.Collections.Generic;

namespace Appliance.Status;

/// <summary>Asks mounts for their size and waits for a hanging one no longer than a deadline.</summary>
/// <remarks>
/// statvfs on a mount whose server is gone blocks for as long as the server is gone: see <see cref="GuardedCalls{TAnswer}"/>. Those that
/// wait for nothing (<see cref="Mount.AnswersAtOnce"/>) are asked without another thread, which would cost ten times as much.
/// </remarks>
internal sealed class FilesystemProbe
{
    // Origin: arbitrary. It bounds the threads.
    public const int MaxHanging = 4;

    /// <summary>The error of a mount that did not answer in time, now or when it was asked last.</summary>
    public const string TimeoutError = "timeout";

    /// <summary>The error of a mount that was not asked because too many others hang.</summary>
    public const string NotAskedError = "not asked: too many mounts hang";

    /// <summary>The error of a mount that was not asked because others are slow.</summary>
    public const string OutOfTimeError = "not asked: other mounts took too long";

    /// <summary>The error of a mount whose mount point cannot be written as a path.</summary>
    public const string NotUtf8Error = "not asked: the mount point is not UTF-8";

    private readonly StatusRoots _roots;
    private readonly Func<string, FilesystemSize> _statvfs;
    private readonly GuardedCalls<FilesystemSize> _calls;

    /// <param name="roots">Mount points are looked up below its Root.</param>
    /// <param name="statvfs">Asks one path; may block for ever.</param>
    /// <param name="deadline">How long one mount may take; more than nothing, at most an hour.</param>
    /// <param name="total">How long all together may take; the same bounds.</param>
    public FilesystemProbe(StatusRoots roots, Func<string, FilesystemSize> statvfs, TimeSpan deadline, TimeSpan total)
    {
        _roots = roots;
        _statvfs = statvfs;
        _calls = new GuardedCalls<FilesystemSize>("statvfs", deadline, total, MaxHanging);
    }

    /// <summary>Asks each mount. Blocks, but not for ever: see the class.</summary>
    /// <returns>The answers, in the order of the mounts.</returns>
    public FilesystemSize[] Ask(List<Mount> mounts)
    {
        var sizes = new FilesystemSize[mounts.Count];
        List<int>? others = null;
        for (int i = 0; i < sizes.Length; i++)
        {
            if (mounts[i].AnswersAtOnce)
                sizes[i] = AskHere(mounts[i]);
            else
                (others ??= []).Add(i);
        }
        if (others is not null)
            _calls.Run(new Round(this, mounts, others, sizes));
        return sizes;
    }

    private FilesystemSize AskHere(Mount mount)
    {
        try
        {
            return AskOne(mount);
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    private FilesystemSize AskOne(Mount mount) =>
        mount.Path is string path ? _statvfs(_roots.InRoot(path)) : new FilesystemSize(NotUtf8Error);

    private static FilesystemSize Failed(Exception reason) => new(IoFailure.Describe(reason));

    private sealed class Round(FilesystemProbe probe, List<Mount> mounts, List<int> asked, FilesystemSize[] sizes)
        : GuardedRound<FilesystemSize>(asked.Count)
    {
        public override int KeyOf(int index) => mounts[asked[index]].Id;

        public override FilesystemSize Call(int index) => probe.AskOne(mounts[asked[index]]);

        public override FilesystemSize Failed(int index, Exception reason) => FilesystemProbe.Failed(reason);

        public override FilesystemSize Unanswered(int index, NoAnswer reason) => new(reason switch
        {
            NoAnswer.Timeout => TimeoutError,
            NoAnswer.TooManyHang => NotAskedError,
            _ => OutOfTimeError,
        });

        public override void Take(int index, FilesystemSize answer) => sizes[asked[index]] = answer;
    }
}
