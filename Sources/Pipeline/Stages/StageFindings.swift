import Files
import Foundation
import Records
import Storage

extension Stage {
    /// What is found of a unit before any work.
    enum Finding {
        /// The machine did not give what it is decided by.
        case fault(Failure)
        case refused(Refusal)
        case done(Outcome)
        case missing
        case inputsChanged(Conflict.Cause)
        case otherConfiguration(Conflict.Cause)
    }

    /// Of the selected units, in their order. Thousands of results are compared with their records, beside each other; what
    /// `refusal` asks of earlier stages is asked in turn, since it may keep what it has found out.
    func findings(
        _ units: [Unit],
        _ refusal: (Unit, Scrutiny) throws -> Refusal?
    ) throws -> [(unit: Unit, finding: Finding)] {
        let asked = try units.filter(isSelected).map { unit in
            (unit: unit, refusal: Result { unit.fault == nil ? try refusal(unit, touched) : nil })
        }
        return try asked.concurrentMap(atOnce: 8) { unit, refusal in
            let found = try self.asked(unit) {
                if let fault = unit.fault { throw fault }
                return try refusal.get().map { .refused($0) } ?? finding(unit)
            }
            return (unit, found)
        }
    }

    /// A fault of the machine says nothing of the unit, nor of any other.
    func asked(_ unit: Unit, _ finding: () throws -> Finding) throws -> Finding {
        do { return try finding() } catch let error as any ReportableError where error.code.isOfMachine {
            return .fault(Failure(error).naming(unit.id))
        }
    }

    /// Done is never "the file exists": the outcome says ok or empty, its fingerprint is the wanted one, and every output
    /// has the recorded content. A failed unit is tried again.
    private func finding(_ unit: Unit) throws -> Finding {
        guard let outcome = try Self.outcome(of: unit.id, stage: name, in: layout) else {
            guard try unit.isInTheWay else { return .missing }
            return .otherConfiguration(.stranger(file: unit.file.map { URL(filePath: $0).lastPathComponent } ?? ""))
        }
        switch unit.fingerprint.compared(to: outcome.fingerprint) {
        case .same:
            return try outcome.hasResult && outcome.damage(in: layout, touched) == nil ? .done(outcome) : .missing
        case .inputsDiffer(let names): return outcome.outputs.isEmpty ? .missing : .inputsChanged(.inputs(names))
        case .parametersDiffer(let differences):
            return outcome.outputs.isEmpty ? .missing : .otherConfiguration(.parameters(differences))
        }
    }
}

extension Stage.Plan {
    /// What is not made for what was found of it.
    mutating func leaveOut(_ unit: Stage.Unit, _ finding: Stage.Finding, _ settings: WorkSettings) {
        switch finding {
        case .fault(let failure): faults.append(Fault(unit: unit, failure: failure))
        case .refused(let refusal) where refusal.cause == .age && settings.redoChangedInputs: leftOut.append(refusal)
        case .refused(let refusal): refused.append(refusal)
        case .done, .missing, .inputsChanged, .otherConfiguration: break
        }
    }
}

extension Stage.Unit {
    /// Whether a file stands under the result's name that this unit would not have made, such as another program's. One
    /// with the right fingerprint was published by a run that was killed before it recorded the outcome.
    fileprivate var isInTheWay: Bool {
        get throws {
            guard let file = file.map({ URL(filePath: $0) }), try RegularFile.exists(file) else { return false }
            return try HDF5Fingerprint.read(file) != CanonicalJSON.fingerprint(fingerprint)
        }
    }
}
