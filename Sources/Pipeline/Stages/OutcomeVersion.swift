import Files
import Foundation
public import Records
import Synchronization

extension Outcome {
    /// What later stages take as this unit's version: changes when its fingerprint or any output changes.
    public func version() throws -> String { try version(CommonLine()) }

    /// The same of one of thousands.
    func version(_ common: CommonLine) throws -> String {
        struct Version: Encodable {
            var fingerprint: Fingerprint
            var outputs: [String: String]
        }
        if let line = plainVersion(common) { return line.withUnsafeBytes { Digest.sha256($0) } }
        return try CanonicalJSON.fingerprint(Version(fingerprint: fingerprint, outputs: outputs))
    }

    /// The line of the version, put together from its parts: every stage asks for those of thousands. nil where a letter is not
    /// plain ASCII.
    func plainVersion(_ common: CommonLine) -> [UInt8]? {
        guard let inputs = CanonicalJSON.plainLine(fingerprint.inputs),
            let parameters = common.line(of: fingerprint.parameters),
            let stage = CanonicalJSON.plainLine(fingerprint.stage), let outputs = CanonicalJSON.plainLine(outputs)
        else { return nil }
        var line = Array("{\"fingerprint\":{\"format\":\(fingerprint.format),\"inputs\":".utf8)
        line.reserveCapacity(line.count + inputs.count + parameters.count + stage.count + outputs.count + 64)
        line += inputs
        line += ",\"parameters\":".utf8
        line += parameters
        line += ",\"stage\":".utf8
        line += stage
        line += "},\"outputs\":".utf8
        line += outputs
        line += "}".utf8
        return line
    }
}

/// The line of the parameters that most outcomes of a stage have alike, made once.
final class CommonLine: Sendable {
    private let last = Mutex<(table: [String: String], line: [UInt8])?>(nil)

    /// As `CanonicalJSON.plainLine`.
    func line(of table: [String: String]) -> [UInt8]? {
        if let last = last.withLock({ $0 }), last.table == table { return last.line }
        guard let line = CanonicalJSON.plainLine(table) else { return nil }
        last.withLock { $0 = (table, line) }
        return line
    }
}
