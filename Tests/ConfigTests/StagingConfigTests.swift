import Config
import Records
import Foundation
import Testing

@Suite struct StagingConfigTests {
    private func config(_ text: String) throws -> StagingConfig {
        try JSONDecoder().decode(StagingConfig.self, from: Data(text.utf8))
    }

    @Test func aCommandIsReadAndHeldToItsPlaces() throws {
        #expect(try config(#"{"command": "cp {from} {to}"}"#).command == "cp {from} {to}")
        #expect(try config("{}").command == nil)
        #expect(throws: ConfigError.self) { try config(#"{"command": "cp {from}"}"#) }
        #expect(throws: ConfigError.self) { try config(#"{"comand": "cp {from} {to}"}"#) }
    }
}
