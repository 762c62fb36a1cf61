namespace Appliance.Status;

/// <summary>Where the kernel's filesystems and the device's root are: every path the status code opens starts here.</summary>
/// <param name="Proc">The proc filesystem, proc(5).</param>
/// <param name="Sys">The sys filesystem, sysfs(5).</param>
/// <param name="Root">What mount points and /etc are looked up under.</param>
/// <remarks>Nothing else here opens an absolute path, so a folder of fixtures can stand in for a whole device.</remarks>
internal sealed record StatusRoots(string Proc = "/proc", string Sys = "/sys", string Root = "/")
{
    /// <summary>Whether the files are this kernel's, now: then what it answers and announces otherwise holds for them too.</summary>
    public bool AreOfThisKernel => this is { Proc: "/proc", Sys: "/sys" };

    /// <summary>Path of a file below <see cref="Proc"/>; <paramref name="path"/> has no leading slash.</summary>
    public string InProc(string path) => Below(Proc, path);

    /// <summary>Path of a file below <see cref="Sys"/>; <paramref name="path"/> has no leading slash.</summary>
    public string InSys(string path) => Below(Sys, path);

    /// <summary>Path of a file below <see cref="Root"/>; a leading slash, as mount points have, is not counted twice.</summary>
    public string InRoot(string path) => Below(Root, path);

    // Not Path.Combine: it drops the root when the second part is absolute, and a mount point always is.
    private static string Below(string root, string path) =>
        root == "/" && path.StartsWith('/') ? path : string.Concat(root.TrimEnd('/'), "/", path.TrimStart('/'));
}
