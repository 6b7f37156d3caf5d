import Config
import Foundation
import Records
import Testing

@testable import Pipeline

@Suite struct ClientSecretsTests {
    private func hidden(_ text: String, _ command: String, _ address: String = "s3://b/x.svs") throws -> String {
        try ClientSecrets(of: #require(RemoteAddress(address)), ClientCommand(command)).hidden(in: text)
    }

    /// What stands around the places in a word, and what a word holds.
    @Test(arguments: [
        ("get --header=Authorization:PLANTED1{from} {to}", "PLANTED1s3://b/x.svs"),
        ("get https://user:PLANTED1@host/{from} {to}", "no key 'PLANTED1'"),
        ("get https://user:PLANTED1@host/{from} {to}", "+ get https://user:PLANTED1@host/s3://b/x.svs"),
        ("get -H 'Authorization: Bearer PLANTED1' {from} {to}", "> authorization: Bearer PLANTED1"),
        ("get -H 'Authorization: Bearer PLANTED1' {from} {to}", "the token PLANTED1 has expired"),
        ("get -H'X-Key: PLANTED1' {from} {to}", "PLANTED1"), ("get -uuser:PLANTED1 {from} {to}", "PLANTED1"),
        ("get --user user:PL4 {from} {to}", "Basic dXNlcjpQTDQ="), ("get --key=PLANTED1 {from} {to}", "PLANTED1"),
        ("get --key PLANTED1 {from} {to}", "PLANTED1"), ("get a{from}PLANTED1 {to}", "PLANTED1"),
        ("get --url={from}?key=PLANTED1 {to}", "key PLANTED1"), ("get {from} {to}?sig=PLANTED1&x", "sig PLANTED1"),
        ("get --key 'PLANTED1/a b' {from} {to}", "PLANTED1%2Fa%20b PLANTED1/a+b PLANTED1%2fa%20b"),
    ])
    func wordsOfTheCommandAreHidden(command: String, said: String) throws {
        let shown = try hidden(said, command)
        #expect(!shown.contains("PLANTED1") && !shown.contains("dXNlcjpQTDQ="), "\(shown)")
    }

    @Test func flagsAndShortWordsStay() throws {
        let said = "aws s3 cp --recursive: access denied to s3://b/x.svs"
        #expect(try hidden(said, "aws s3 cp --recursive {from} {to}") == said)
    }

    /// As written, as it reads, and as other programs encode it.
    @Test(arguments: [
        "me:PLANT/ED", "PLANT/ED", "PLANT%2FED", "PLANT%2fED", "bWU6UExBTlQvRUQ=", "sig=PLANT+ED%3D&se=PLANTED2",
        "PLANT+ED=", "PLANT%2BED%3D", "PLANT%2bED%3d", "PLANTED2", "PLANT\\/ED",
    ])
    func secretsOfAnAddressAreHiddenInEachForm(form: String) throws {
        let address = "https://me:PLANT%2FED@h/x.svs?sig=PLANT+ED%3D&se=PLANTED2"
        for text in [form, "<\(form)>", "x=\(form)&y"] {
            let shown = try hidden(text, "get {from} {to}", address)
            #expect(!shown.contains("PLANT") && !shown.contains("bWU6"), "\(text): \(shown)")
        }
    }

    @Test func aVariableBeforeTheProgramIsRefusedWithoutItsValue() {
        #expect(throws: ClientCommand.Fault.variable) { try ClientCommand("KEY=PLANTED1 get {from} {to}") }
        #expect(!ClientCommand.Fault.variable.words.contains("PLANTED"))
        #expect(throws: ClientCommand.Fault.empty) { try ClientCommand("'' {from} {to}") }
    }
}
