(* The rules of proofs, on expressions: what is left of an identity when axioms are taken away, and why a sum is nonnegative. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Coq Require Import ZArith QArith.
From ICL Require Import Replay.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Close Scope Q_scope.
Delimit Scope N_scope with num.
Delimit Scope nat_scope with N.
Delimit Scope Z_scope with ZZ.
Local Open Scope ring_scope.

Fixpoint every (A : Type) (P : A -> Prop) (l : seq A) : Prop := if l is a :: l' then P a /\ every P l' else True.

Lemma everyP (A : eqType) (P : A -> Prop) l : every P l -> forall a, a \in l -> P a.
Proof. by elim: l => [|x l IH] //= [px h] a; rewrite inE => /orP [/eqP ->|/(IH h)]. Qed.

(* ---------- what stands for letters, scalars and sizes by their numbers ---------- *)
Definition entries (R : ringType) (l : seq (seq nat -> R)) (t : nat) (a : seq nat) : R := nth (fun _ => 0) l t.-1 a.
Definition numbers (R : ringType) (l : seq R) (s : nat) : R := nth 0 l s.
Definition sizes (l : seq nat) (t : nat) : nat := nth 0%N l (t - 3).

Section Rules.
Variables (R : rcfType) (nN nK : nat) (dim : nat -> nat) (T : nat -> seq nat -> R) (sc0 : nat -> R).
Notation den := (den nN nK dim T sc0).
Notation sc := (sc nN nK dim sc0).
Notation inr := (inr nN nK dim).
Notation lo := (lo nN).
Notation hi := (hi nN nK dim).

Lemma symmetric_by sym : every (fun p : nat * nat => forall i j, inr p.2 i -> inr p.2 j -> T p.1 [:: i; j] = T p.1 [:: j; i]) sym ->
  forall t s, (t, s) \in sym -> forall i j, inr s i -> inr s j -> T t [:: i; j] = T t [:: j; i].
Proof. by move=> h t s /(everyP h). Qed.

Lemma unit_by unit : every (fun p : nat * (nat * (nat * nat)) => forall a, (p.2.1 < size a)%N -> size a = p.2.2.2 ->
    \sum_(lo p.2.2.1 <= i < hi p.2.2.1) T p.1 (set_nth 0%N a p.2.1 i) = 1) unit ->
  forall t s ty n, (t, (s, (ty, n))) \in unit ->
  forall a, (s < size a)%N -> size a = n -> \sum_(lo ty <= i < hi ty) T t (set_nth 0%N a s i) = 1.
Proof. by move=> h t s ty n /(everyP h). Qed.

Lemma scalars_by : (forall s, 0 <= sc0 s) -> forall s, 0 <= sc s.
Proof. by move=> h [|[|[|s]]] //=; rewrite ?ler0n //; case: ifP => _; rewrite ?ler0n ?h. Qed.

Lemma nonzero_by nz : every (fun s => sc s != 0) nz -> forall s, s \in nz -> sc s != 0.
Proof. exact: everyP. Qed.

Lemma context_by ctx r : every (fun v : var => inr v.1 (r v)) ctx -> okc nN nK dim ctx r.
Proof. exact: everyP. Qed.

Section Checked.
Variables (sym : seq (nat * nat)) (unit : seq (nat * (nat * (nat * nat)))) (nz : seq nat).
Hypothesis NK : (nN <= nK)%N.
Hypothesis symP : forall t s, (t, s) \in sym -> forall i j, inr s i -> inr s j -> T t [:: i; j] = T t [:: j; i].
Hypothesis unitP : forall t s ty n, (t, (s, (ty, n))) \in unit ->
  forall a, (s < size a)%N -> size a = n -> \sum_(lo ty <= i < hi ty) T t (set_nth 0%N a s i) = 1.
Hypothesis scP : forall s, 0 <= sc s.
Hypothesis nzP : forall s, s \in nz -> sc s != 0.

Lemma by_equal ctx a b r : every (fun v : var => inr v.1 (r v)) ctx -> check sym unit nz ctx a b -> den r a = den r b.
Proof. by move/context_by => hc; apply: check_ok. Qed.

Lemma by_at_least ctx a b r : every (fun v : var => inr v.1 (r v)) ctx -> check sym unit nz ctx a b -> 0 <= den r b -> 0 <= den r a.
Proof. by move=> hc h; rewrite (by_equal hc h). Qed.
End Checked.

(* ---------- axioms ---------- *)
Lemma zero_sum x e r : (forall i, (lo x.1 <= i < hi x.1)%N -> den (upd r x i) e = 0) -> den r (Sum x e) = 0.
Proof. by move=> h /=; rewrite big_nat_cond big1 // => i /andP [hi_ _]; apply: h. Qed.
Lemma zero_axiom c a b r : den r a = den r b -> den r (Mul c (Sub a b)) = 0.
Proof. by move=> h /=; rewrite h subrr mulr0. Qed.
Lemma without a u r x : den r u = 0 -> den r a = x -> den r (Add a u) = x.
Proof. by move=> h <- /=; rewrite h addr0. Qed.
Lemma ge_without a u r : den r u = 0 -> 0 <= den r a -> 0 <= den r (Add a u).
Proof. by move=> h /=; rewrite h addr0. Qed.

(* ---------- nonnegative expressions ---------- *)
Lemma ge_sum x e r : (forall i, (lo x.1 <= i < hi x.1)%N -> 0 <= den (upd r x i) e) -> 0 <= den r (Sum x e).
Proof. by move=> h /=; rewrite big_nat_cond sumr_ge0 // => i /andP [hi_ _]; apply: h. Qed.
Lemma ge_add a b r : 0 <= den r a -> 0 <= den r b -> 0 <= den r (Add a b).
Proof. by move=> ha hb /=; rewrite addr_ge0. Qed.
Lemma ge_mul a b r : 0 <= den r a -> 0 <= den r b -> 0 <= den r (Mul a b).
Proof. by move=> ha hb /=; rewrite mulr_ge0. Qed.
Lemma ge_square a r : 0 <= den r (Mul a a).
Proof. by rewrite /= -expr2 sqr_ge0. Qed.
Lemma ge_num n p r : 0 <= den r (Num (Zpos n) p).
Proof. by rewrite /= /numR; case: p => *; rewrite ?divr_ge0 ?ler0n. Qed.
Lemma ge_zero r : 0 <= den r (Num 0 1).
Proof. exact: lexx. Qed.
Lemma ge_scalar s z r : (forall s, 0 <= sc s) -> 0 <= den r (Sc s z).
Proof. by move=> h; rewrite /= /powR; case: z => [|[p|p|]|[p|p|]]; rewrite ?ler01 ?invr_ge0 ?exprn_ge0 ?sqrtr_ge0. Qed.
Lemma ge_delta x y r : 0 <= den r (Dl x y).
Proof. by rewrite /= ler0n. Qed.

(* ---------- roots ---------- *)
Lemma ge_root a b r : 0 <= den r a -> 0 <= den r b -> 0 <= den r (Sub (Mul b b) (Mul a a)) -> 0 <= den r (Sub b a).
Proof. by move=> ha hb /=; rewrite !subr_ge0 -!expr2 ler_pexpn2r. Qed.

(* ---------- the inequality of Cauchy and Schwarz ---------- *)
Definition sums (l : seq var) (e : ex) : ex := foldr Sum e l.

Lemma den_sums l e r : den r (sums l e) = sumb nN nK dim r l (fun r' => den r' e).
Proof. by elim: l r => [|x l IH] r //=; apply: eq_bigr => i _. Qed.

Lemma sumb_ge0 l F r : (forall r', 0 <= F r') -> 0 <= sumb nN nK dim r l F :> R.
Proof. by move=> h; elim: l r => [|x l IH] r //=; apply: sumr_ge0. Qed.

Lemma quadratic l x y r (s t : R) :
  0 <= s ^+ 2 * den r (sums l (Mul x x)) - s * t *+ 2 * den r (sums l (Mul x y)) + t ^+ 2 * den r (sums l (Mul y y)).
Proof.
rewrite !den_sums -mulNr -!sumb_mull -!sumb_add.
suff -> : sumb nN nK dim r l (fun r' => s ^+ 2 * den r' (Mul x x) + - (s * t *+ 2) * den r' (Mul x y) + t ^+ 2 * den r' (Mul y y))
        = sumb nN nK dim r l (fun r' => (s * den r' x - t * den r' y) ^+ 2) by apply: sumb_ge0 => r'; exact: sqr_ge0.
apply: sumb_ext => r' _ _ /=.
by rewrite sqrrB !exprMn -!expr2 mulNr mulrnAl [s * t * _]mulrACA.
Qed.

Lemma cauchy l x y r : den r (sums l (Mul x y)) ^+ 2 <= den r (sums l (Mul x x)) * den r (sums l (Mul y y)).
Proof.
set X := den r (sums l (Mul x x)); set Y := den r (sums l (Mul y y)); set S := den r _.
have Q s t : 0 <= s ^+ 2 * X - s * t *+ 2 * S + t ^+ 2 * Y := quadratic l x y r s t.
have Y0 : 0 <= Y by move: (Q 0 1); rewrite expr0n expr1n !mul0r mul0rn mul0r subr0 add0r mul1r.
move: Y0; rewrite le_eqVlt => /orP [/eqP Y0|Y0].
  rewrite -Y0 mulr0; have [->|S0] := eqVneq S 0; first by rewrite expr0n.
  have := Q 1 ((X + 1) / (S *+ 2)).
  rewrite -Y0 mulr0 addr0 expr1n !mul1r.
  have -> : (X + 1) / (S *+ 2) *+ 2 * S = X + 1.
    by rewrite mulrnAl -mulrnAr divfK // mulrn_eq0.
  by rewrite opprD addNKr ler0N1.
have := Q Y S.
have -> : Y ^+ 2 * X = Y * (X * Y) by rewrite expr2 -mulrA [Y * X]mulrC.
have -> : Y * S *+ 2 * S = Y * S ^+ 2 *+ 2 by rewrite mulrnAl -mulrA -expr2.
have -> : S ^+ 2 * Y = Y * S ^+ 2 by rewrite mulrC.
rewrite mulr2n opprD addrA subrK -mulrBr.
by rewrite pmulr_rge0 // subr_ge0.
Qed.

Lemma ge_cauchy a b l x y r : 0 <= den r a -> 0 <= den r b ->
  0 <= den r (Sub (Mul a a) (sums l (Mul x x))) -> 0 <= den r (Sub (Mul b b) (sums l (Mul y y))) ->
  0 <= den r (Sub (Mul a b) (sums l (Mul x y))).
Proof.
move=> a0 b0 /=; rewrite !subr_ge0 -!expr2 => ha hb.
have ab : 0 <= den r a * den r b by rewrite mulr_ge0.
apply: le_trans (ler_norm _) _; rewrite -(ler_pexpn2r (n := 2)) ?nnegrE ?normr_ge0 //.
rewrite real_normK ?num_real // exprMn; apply: le_trans (cauchy l x y r) _.
by apply: ler_pmul => //; rewrite den_sums; apply: sumb_ge0 => r' /=; rewrite -expr2 sqr_ge0.
Qed.
End Rules.

(* ---------- what the files of proofs call ---------- *)
Lemma below_part (n k i : nat) : (n <= k)%N -> (0 <= i < n)%N -> (0 <= i < k)%N.
Proof. by move=> h /andP [_ a]; rewrite /= (leq_trans a h). Qed.
Lemma below_rest (n k i : nat) : (n <= i < k)%N -> (0 <= i < k)%N.
Proof. by case/andP. Qed.
Lemma size_neq0 (R : rcfType) n : (0 < n)%N -> n%:R != 0 :> R.
Proof. by rewrite pnatr_eq0 -lt0n. Qed.
Lemma numbers_ge0 (R : rcfType) (l : seq R) : every (fun x : R => 0 <= x) l -> forall s, 0 <= numbers l s.
Proof.
rewrite /numbers; elim: l => [|x l IH] /=; first by move=> _ s; rewrite nth_nil.
by move=> [h k] [|s] //=; exact: IH.
Qed.

(* An index is in a range: as stated, or as the range of a part lies in the whole. *)
Ltac in_range := first [assumption | by apply: below_rest; eassumption | by apply: below_part; eassumption].
(* An expression is nonnegative, as its terms are. *)
Ltac nonnegative scP := repeat first
  [ apply: ge_num | exact: ge_zero | (apply: ge_scalar; exact: scP) | apply: ge_delta | apply: ge_square | apply: ge_sum => ? ?
  | apply: ge_add | apply: ge_mul | (cbn; match goal with h : forall _, _ |- _ => apply: h end) | (cbn; assumption) ].
