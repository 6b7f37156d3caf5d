import Config
import Files
import Foundation
import Records
import Testing

private struct Inner: Decodable {
    var size = 3
    var ratio = 0.5
    var label: String?
    var isOn = false
    var seed: UInt64 = 1
    var colour = Colour.red
    var sides = [1, 2]

    enum Colour: String, ConfigChoice { case red, darkBlue = "dark_blue" }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case size, ratio, label, seed, colour, sides
        case isOn = "is_on"
    }

    init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.size, into: &size)
        try reader.read(.ratio, into: &ratio)
        try reader.read(.label, into: &label)
        try reader.read(.isOn, into: &isOn)
        try reader.read(.seed, into: &seed)
        try reader.read(.colour, into: &colour)
        try reader.read(.sides, into: &sides)
    }
}

private struct Outer: Decodable {
    var name: String
    var inner: Inner
    var more: [Inner] = []

    enum CodingKeys: String, CodingKey, CaseIterable { case name, inner, more }

    init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        name = try reader.require(.name)
        inner = try reader.require(.inner)
        try reader.read(.more, into: &more)
    }
}

@Suite struct StrictReaderTests {
    private func inner(_ json: String) throws -> Inner {
        try JSONDecoder().decode(Outer.self, from: Data(#"{"name": "n", "inner": \#(json)}"#.utf8)).inner
    }

    private func refusal(_ json: String) throws -> ConfigError {
        try #require(throws: ConfigError.self) { try JSONDecoder().decode(Outer.self, from: Data(json.utf8)) }
    }

    @Test func whatIsNotGivenKeepsItsDefault() throws {
        let read = try inner("{}")
        #expect((read.size, read.ratio, read.isOn, read.seed, read.colour) == (3, 0.5, false, 1, .red))
        #expect(read.label == nil && read.sides == [1, 2])
    }

    @Test func everyGivenValueIsRead() throws {
        let read = try inner(
            #"{"size": 4, "ratio": 1, "label": "x", "is_on": true, "seed": 18446744073709551615, "colour": "dark_blue", "sides": []}"#
        )
        #expect((read.size, read.ratio, read.isOn, read.seed, read.colour) == (4, 1, true, .max, .darkBlue))
        #expect(read.label == "x" && read.sides.isEmpty)
    }

    @Test func nullCountsAsAbsent() throws {
        let read = try inner(#"{"size": null, "label": null, "colour": null}"#)
        #expect((read.size, read.colour) == (3, .red))
        let error = try refusal(#"{"name": null, "inner": {}}"#)
        #expect(error == ConfigError("name", "this key is required"))
    }

    @Test func anUnknownKeyIsNamedWithItsPathAndTheKnownOnes() throws {
        let error = try refusal(#"{"name": "n", "inner": {"sise": 4, "size": 4}}"#)
        #expect(
            error.description
                == "error[E_CONFIG] inner.sise: unknown key; known keys are colour, is_on, label, ratio, seed, sides, size"
        )
        #expect(error.code.exitStatus == .usage)
        #expect(try refusal(#"{"name": "n", "inner": {}, "zeta": 1, "alpha": 2}"#).subject == "alpha")
    }

    @Test(arguments: [
        (#"{"size": "4"}"#, "inner.size", "a whole number is wanted here"),
        (#"{"ratio": true}"#, "inner.ratio", "a number is wanted here"),
        (#"{"is_on": 1}"#, "inner.is_on", "true or false is wanted here"),
        (#"{"label": 3}"#, "inner.label", "a string is wanted here"),
        (#"{"colour": "blue"}"#, "inner.colour", "one of red, dark_blue is wanted here"),
        (#"{"colour": 3}"#, "inner.colour", "one of red, dark_blue is wanted here"),
        (#"{"sides": 3}"#, "inner.sides", "another type of value is wanted here"),
        (#"[]"#, "inner", "an object {…} is wanted here"),
    ])
    func aValueOfAnotherTypeIsRefusedWithTheWantedOne(json: String, path: String, message: String) throws {
        #expect(try refusal(#"{"name": "n", "inner": \#(json)}"#) == ConfigError(path, message))
    }

    @Test(arguments: [#"{"size": 1.5}"#, #"{"size": 1e30}"#, #"{"seed": -1}"#, #"{"seed": 18446744073709551616}"#])
    func aNumberThatDoesNotFitIsRefusedByItsPath(json: String) throws {
        let key = json.contains("size") ? "inner.size" : "inner.seed"
        #expect(try refusal(#"{"name": "n", "inner": \#(json)}"#).subject == key)
    }

    @Test func elementsOfListsHaveAPathToo() throws {
        let error = try refusal(#"{"name": "n", "inner": {}, "more": [{}, {"size": {}}]}"#)
        #expect(error.subject == "more[1].size")
        #expect(try refusal(#"{"name": "n", "inner": {"sides": [1, "b"]}}"#).subject == "inner.sides[1]")
    }

    @Test func aMissingRequiredKeyIsNamed() throws {
        #expect(try refusal(#"{"inner": {}}"#) == ConfigError("name", "this key is required"))
        #expect(try refusal(#"{"name": "n"}"#) == ConfigError("inner", "this key is required"))
    }

    @Test func aConfigThatIsNoObjectHasNoKeyPath() throws {
        let error = try refusal("[1]")
        #expect(error.subject == nil)
        #expect(error.description == "error[E_CONFIG] an object {…} is wanted here")
    }
}
