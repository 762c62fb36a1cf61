using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Appliance.Status;

/// <summary>Asks mounts for their size and waits for a hanging one no longer than a deadline.</summary>
/// <remarks>
/// statvfs on a mount whose server is gone blocks for as long as the server is gone, and nothing can interrupt it. So it is
/// called on a thread of this class, one for all callers. When a call overruns the deadline the thread is left alone with it, the
/// mount is not asked again until that call returns, and a new thread goes on with the other mounts. So there are never more
/// than <see cref="MaxHanging"/> + 1 threads, and a hanging mount costs its deadline once, not with every answer.
/// </remarks>
internal sealed class FilesystemProbe
{
    // Origin: arbitrary. It bounds the threads, and with them one answer's delay: four deadlines.
    public const int MaxHanging = 4;

    // Origin: arbitrary. Longer than scrapers usually wait, so that their scrapes do not start a thread each.
    private static readonly TimeSpan WorkerPatience = TimeSpan.FromMinutes(2);

    /// <summary>The error of a mount that did not answer in time, now or when it was asked last.</summary>
    public const string TimeoutError = "timeout";

    /// <summary>The error of a mount that was not asked because too many others hang.</summary>
    public const string NotAskedError = "not asked: too many mounts hang";

    /// <summary>The error of a mount whose mount point cannot be written as a path.</summary>
    public const string NotUtf8Error = "not asked: the mount point is not UTF-8";

    private readonly StatusRoots _roots;
    private readonly Func<string, FilesystemSize> _statvfs;
    private readonly TimeSpan _deadline;

    private readonly object _turn = new(); // held for a whole round: callers take turns
    private readonly object _gate = new(); // guards all below, and the round's fields
    private readonly List<int> _hanging = []; // ids of the mounts whose thread was left alone
    private Thread? _worker; // the one thread that may work on _round
    private Round? _round;

    /// <param name="roots">Mount points are looked up below its Root.</param>
    /// <param name="statvfs">Asks one path; may block for ever.</param>
    /// <param name="deadline">How long one mount may take; more than nothing, at most an hour.</param>
    public FilesystemProbe(StatusRoots roots, Func<string, FilesystemSize> statvfs, TimeSpan deadline)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(deadline, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(deadline, TimeSpan.FromHours(1)); // arbitrary; Monitor.Wait takes 24 days
        _roots = roots;
        _statvfs = statvfs;
        _deadline = deadline;
    }

    /// <summary>Asks each mount. Blocks, but not for ever: see the class.</summary>
    /// <returns>The answers, in the order of the mounts.</returns>
    public FilesystemSize[] Ask(List<Mount> mounts)
    {
        Round round = new(mounts);
        lock (_turn)
        {
            lock (_gate)
            {
                _round = round;
                SkipThoseNotToAsk(round);
                while (!round.IsDone)
                {
                    EnsureWorker();
                    WaitOrGiveUp(round);
                }
                _round = null;
            }
        }
        return round.Sizes;
    }

    private void EnsureWorker()
    {
        if (_worker is null)
        {
            Thread worker = new(Work) { IsBackground = true, Name = "statvfs" };
            worker.Start();
            _worker = worker; // it cannot look before the gate is released
        }
        Monitor.PulseAll(_gate);
    }

    private void WaitOrGiveUp(Round round)
    {
        // Only a call that has begun can overrun: a worker that was not scheduled yet says nothing about the mount.
        TimeSpan left = round.IsCalling ? _deadline - Stopwatch.GetElapsedTime(round.CallStarted) : _deadline;
        if (left > TimeSpan.Zero)
        {
            Monitor.Wait(_gate, left);
            return;
        }
        _hanging.Add(round.Mounts[round.Next].Id);
        _worker = null;
        Answer(round, new FilesystemSize(TimeoutError));
    }

    private void Work()
    {
        while (TryBeginCall(out Mount? mount))
        {
            EndCall(mount!, AskOne(mount!));
        }
    }

    /// <summary>An exception on this thread would end the process: whatever goes wrong is this mount's error.</summary>
    private FilesystemSize AskOne(Mount mount)
    {
        try
        {
            return _statvfs(_roots.InRoot(mount.Path!)); // a mount whose mount point is no path was skipped
        }
        catch (Exception e)
        {
            return new FilesystemSize(IoFailure.Describe(e));
        }
    }

    // False: this thread was given up, and ends.
    private bool TryBeginCall(out Mount? mount)
    {
        lock (_gate)
        {
            while (_worker == Thread.CurrentThread)
            {
                if (_round is { IsDone: false } round)
                {
                    round.IsCalling = true;
                    round.CallStarted = Stopwatch.GetTimestamp();
                    mount = round.Mounts[round.Next];
                    return true;
                }
                // A probe nobody asks any more, after a reload of the settings, must not keep a thread.
                if (!Monitor.Wait(_gate, WorkerPatience) && _round is null)
                    _worker = null;
            }
        }
        mount = null;
        return false;
    }

    private void EndCall(Mount mount, FilesystemSize size)
    {
        lock (_gate)
        {
            if (_worker != Thread.CurrentThread)
            {
                // Too late for the round that asked, but the mount has come back: it may be asked again.
                _hanging.Remove(mount.Id);
                return;
            }
            Answer(_round!, size);
            if (_round!.IsDone)
                Monitor.PulseAll(_gate);
        }
    }

    private void Answer(Round round, FilesystemSize size)
    {
        round.IsCalling = false;
        round.Sizes[round.Next++] = size;
        SkipThoseNotToAsk(round);
    }

    private void SkipThoseNotToAsk(Round round)
    {
        while (!round.IsDone)
        {
            Mount mount = round.Mounts[round.Next];
            string? error = mount.Path is null ? NotUtf8Error
                : _hanging.Contains(mount.Id) ? TimeoutError
                : _hanging.Count >= MaxHanging ? NotAskedError
                : null;
            if (error is null)
                return;
            round.Sizes[round.Next++] = new FilesystemSize(error);
        }
    }

    /// <summary>One caller's mounts and how far their asking has come.</summary>
    private sealed class Round(List<Mount> mounts)
    {
        public List<Mount> Mounts { get; } = mounts;

        public FilesystemSize[] Sizes { get; } = new FilesystemSize[mounts.Count];

        /// <summary>Index of the mount whose answer is due.</summary>
        public int Next { get; set; }

        public bool IsCalling { get; set; }

        public long CallStarted { get; set; }

        public bool IsDone => Next == Mounts.Count;
    }
}
