using System;
using System.IO;
using System.Net.Http;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;

namespace Integration.Tests.Fixture;

/// <summary>A certificate signed by nobody, with its key, as two files of a folder, and clients that know it by its hash.</summary>
public sealed class SelfSigned
{
    public const string Certificate = "certificate.pem";
    public const string Key = "key.pem";

    private readonly string _hash;

    private SelfSigned(string hash) => _hash = hash;

    public static async Task<SelfSigned> MakeAsync(WorkFolder folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=appliance", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(folder.At(Certificate), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(folder.At(Key), key.ExportPkcs8PrivateKeyPem());
        return new SelfSigned(certificate.GetCertHashString());
    }

    public HttpClient NewClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == _hash },
    });
}
