using System.IO;
using System.IO.Pipes;
using System.Text;
using System.Threading.Tasks;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Appliance.Tests;

public class StandardStreamsTests
{
    [Fact]
    public void ALineIsWrittenAsUtf8WithALineFeed()
    {
        string path = Path.GetTempFileName();
        using (SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Write))
        {
            StandardStreams.WriteLine((int)file.DangerousGetHandle(), "Grüße 𝄞");
            StandardStreams.WriteLine((int)file.DangerousGetHandle(), "");
            StandardStreams.WriteLine((int)file.DangerousGetHandle(), new string(['\ud800']));
        }
        Assert.Equal("Grüße 𝄞\n\n\ufffd\n", Encoding.UTF8.GetString(File.ReadAllBytes(path)));
        File.Delete(path);
    }

    [Fact]
    public async Task ALineLongerThanAPipeHoldsIsWrittenWhole()
    {
        string text = new('x', 1_000_000);
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        Task writing = Task.Run(() =>
        {
            StandardStreams.WriteLine((int)reader.ClientSafePipeHandle.DangerousGetHandle(), text);
            reader.DisposeLocalCopyOfClientHandle();
        });
        using var lines = new StreamReader(reader);
        Assert.Equal(text + "\n", await lines.ReadToEndAsync());
        await writing;
    }

    [Fact]
    public void WhatCannotBeWrittenIsLost() => StandardStreams.WriteLine(-1, "nobody reads this");
}
