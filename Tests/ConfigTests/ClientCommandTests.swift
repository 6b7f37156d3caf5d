import Config
import Testing

@Suite struct ClientCommandTests {
    private func arguments(_ text: String, from: String = "s3://b/x y.svs", to: String = "/stage/x.svs") throws
        -> [String]
    { try ClientCommand(text).arguments(from: from, to: to) }

    @Test func eachPlaceIsOneArgumentWhateverItHolds() throws {
        #expect(try arguments("aws s3 cp {from} {to}") == ["s3", "cp", "s3://b/x y.svs", "/stage/x.svs"])
        let hostile = "s3://b/$(rm -rf ~); `id` && 'x' \"y\" * {to} \n| \\"
        #expect(try arguments("cp {from} {to}", from: hostile) == [hostile, "/stage/x.svs"])
        #expect(try arguments("cp -o={to} {from}{from}", from: "a", to: "{from}") == ["-o={from}", "aa"])
    }

    @Test func quotesKeepBlanksAndMeanNothingMore() throws {
        let text = #"curl  -H 'X: a "b" $HOME' --out "{to}" '' a'b 'c {from} ~/*.svs \n"#
        #expect(
            try arguments(text, from: "f", to: "t")
                == ["-H", #"X: a "b" $HOME"#, "--out", "t", "", "ab c", "f", "~/*.svs", #"\n"#]
        )
        #expect(try ClientCommand("'/opt/my client/get' {from} {to}").words.first == "/opt/my client/get")
    }

    @Test func whatIsNoCommandIsRefusedWithItsReason() {
        let faults: [(String, ClientCommand.Fault)] = [
            ("", .empty), ("  ", .empty), ("cp '{from} {to}", .openQuote), ("cp {from}", .without("{to}")),
            ("cp {to} x", .without("{from}")), ("{from} {to}", .placeAsProgram),
        ]
        for (text, fault) in faults {
            #expect(throws: fault, "\(text)") { try ClientCommand(text) }
            #expect(!fault.words.isEmpty)
        }
    }
}
