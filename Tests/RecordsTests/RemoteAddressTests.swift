import Records
import Testing

@Suite struct RemoteAddressTests {
    @Test(arguments: [
        ("s3://bucket/deep/S1.svs", "s3://bucket/deep/S1.svs", "S1.svs"),
        ("https://h.example:8443/a/S%201.tif?X-Amz-Signature=abc#x", "https://h.example:8443/a/S%201.tif", "S 1.tif"),
        ("https://user:pass@h/S1.svs", "https://h/S1.svs", "S1.svs"),
        ("https://user@h/S1.svs?a=b?c", "https://h/S1.svs", "S1.svs"),
        ("sftp://user:pa/ss@h/S1.svs", "sftp://h/S1.svs", "S1.svs"),
        ("sftp://user:pa?ss@h/S1.svs", "sftp://h/S1.svs", "S1.svs"),
        ("gs://bucket/S1/", "gs://bucket/S1/", "S1"),
        ("s3://bucket/who@where/S1.svs", "s3://bucket/who@where/S1.svs", "S1.svs"),
        ("https://h", "https://h", ""),
    ])
    func anAddressIsShownWithoutLoginAndQuery(_ text: String, _ shown: String, _ name: String) throws {
        let address = try #require(RemoteAddress(text))
        #expect(address.shown == shown)
        #expect(address.name == name)
        #expect(address.whole == text)
        #expect("\(address)" == shown)
        #expect(address.isFolder == text.hasSuffix("/"))
    }

    @Test(arguments: ["/data/S1.svs", "S1.svs", "c:/x", "://x", "a b://x", "", "s3://", "é://x"])
    func pathsAreNoAddresses(_ text: String) { #expect(RemoteAddress(text) == nil) }

    @Test func whatMayBeSecretIsKnownAsWrittenAndAsItReads() throws {
        let address = try #require(RemoteAddress("https://me:top%20secret@h/x.svs?sig=ab%2Fcdef&n=1"))
        for secret in ["me:top%20secret", "top secret", "ab%2Fcdef", "ab/cdef", "sig=ab%2Fcdef&n=1"] {
            #expect(address.secrets.contains(secret), "\(secret)")
        }
        #expect(!address.secrets.contains("1"))
        #expect(try #require(RemoteAddress("s3://bucket/x.svs")).secrets.isEmpty)
    }

    @Test func everyTextForPeopleLosesTheSecretsOfItsAddresses() {
        let text = "no 'https://me:hidden@h/x.svs?sig=hidden', nor s3://b/y.svs?versionId=hidden; try http://h/ok"
        let shown = "no 'https://h/x.svs', nor s3://b/y.svs; try http://h/ok"
        #expect(RemoteAddress.withoutSecrets(text) == shown)
        #expect(ShownText.line(text) == shown)
        let failure = Failure(.copy, "https://me:hidden@h/x.svs?sig=hidden", text)
        #expect(!failure.description.contains("hidden"))
        // Nothing of a query is left where a long text is cut.
        let long = String(repeating: "x", count: 1900) + " https://h/x?" + String(repeating: "hidden", count: 400)
        #expect(!ShownText.line(long).contains("hidden"))
    }

    @Test func textsWithoutAnAddressStayAsTheyAre() {
        for text in ["a: b // c", "what? a@b", "", "://?x", "§://?x"] {
            #expect(RemoteAddress.withoutSecrets(text) == text)
        }
    }
}
