namespace FastCgi.Protocol;

/// <summary>The part the application plays in a request. FastCGI 1.0 §5.1, §6.</summary>
public enum Role : ushort
{
    /// <summary>Not a role of the specification; what a default body holds.</summary>
    None = 0,

    /// <summary>FCGI_RESPONDER: answers an HTTP request, as a CGI program does (§6.2).</summary>
    Responder = 1,

    /// <summary>FCGI_AUTHORIZER: lets an HTTP request pass or not (§6.3).</summary>
    Authorizer = 2,

    /// <summary>FCGI_FILTER: a responder that also receives a file (§6.4).</summary>
    Filter = 3,
}
