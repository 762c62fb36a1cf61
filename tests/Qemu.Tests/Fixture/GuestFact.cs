using System.IO;
using Integration.Tests.Fixture;
using Xunit;

namespace Qemu.Tests.Fixture;

/// <summary>
/// A fact about a target's image in QEMU. Skipped with the reason where the image or QEMU is missing; failed on the runner, unless
/// the reason is that our binary cannot be built for the target.
/// </summary>
public sealed class GuestFactAttribute : FactAttribute
{
    /// <param name="target">One of toolchain/targets.</param>
    /// <param name="withAppliance">Whether the fact is about our binary.</param>
    public GuestFactAttribute(string target = "linux-x64", bool withAppliance = true)
    {
        string image = Guest.ImageOf(target);
        string without = Path.Combine(image, "without-appliance");
        if (!Machine.IsRunner)
            Skip = Missing(target, image);
        if (withAppliance && Skip is null && File.Exists(without))
            Skip = File.ReadAllText(without).Trim();
    }

    private static string? Missing(string target, string image)
    {
        string qemu = target switch
        {
            "linux-arm" => "qemu-system-arm",
            "linux-arm64" => "qemu-system-aarch64",
            _ => "qemu-system-x86_64",
        };
        if (Machine.Find(qemu) is null)
            return $"{qemu} is not installed";
        return Directory.Exists(image) ? null : $"{image} is missing: run scripts/image --target {target}";
    }
}
