import Files
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct TrustStoreTests {
    private let scratch: Scratch
    private var store: TrustStore { TrustStore(at: scratch.file("wsi/trusted_encoders.json")) }

    init() throws { scratch = try Scratch() }

    @Test func nothingIsTrustedBeforeItIsRecorded() async throws {
        #expect(try !store.isTrusted("aa"))
        try store.trust(digest: "aa", name: "uni")
        #expect(try store.isTrusted("aa"))
        #expect(try !store.isTrusted("ab"))
    }

    @Test func recordingTwiceChangesNothing() async throws {
        try store.trust(digest: "aa", name: "uni")
        let first = try Data(contentsOf: store.url)
        try store.trust(digest: "aa", name: "another name")
        #expect(try Data(contentsOf: store.url) == first)
    }

    @Test func writersAtTheSameTimeLoseNothing() async throws {
        let store = store
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<32 { group.addTask { try store.trust(digest: "\(index)", name: "encoder") } }
            try await group.waitForAll()
        }
        for index in 0..<32 { #expect(try store.isTrusted("\(index)")) }
    }

    @Test func aDamagedRecordIsAnErrorAndStaysAsItIs() async throws {
        try AtomicFile.write("{", to: store.url)
        #expect(throws: StorageError.self) { try store.isTrusted("aa") }
        #expect(throws: StorageError.self) { try store.trust(digest: "aa", name: "uni") }
        #expect(try String(contentsOf: store.url, encoding: .utf8) == "{")
    }

    @Test func theRecordLiesWhereTheEnvironmentSays() {
        func path(_ environment: [String: String]) -> String { TrustStore(environment: environment).url.path }
        #expect(path(["WSI_TRUST_FILE": "/t/trust.json", "XDG_CONFIG_HOME": "/c"]) == "/t/trust.json")
        #expect(path(["XDG_CONFIG_HOME": "/c", "HOME": "/h"]) == "/c/wsi/trusted_encoders.json")
        #expect(path(["XDG_CONFIG_HOME": "c", "HOME": "/h"]) == "/h/.config/wsi/trusted_encoders.json")
        #expect(path(["WSI_TRUST_FILE": "", "HOME": "/h"]) == "/h/.config/wsi/trusted_encoders.json")
    }
}
