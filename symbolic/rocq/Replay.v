(* A checker of index notation by computation: sums of products of entries of letters, over ranges of any size.
   The section "semantics" says what an expression means. Theorem check_ok says that expressions which the checker takes for equal are
   equal in every real closed field, for all sizes and all letters of which the declarations hold. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Coq Require Import ZArith QArith Qreduction.
From Coq Require Import Lia.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Close Scope Q_scope.
Delimit Scope N_scope with num.
Delimit Scope nat_scope with N.
Delimit Scope Z_scope with ZZ.
Delimit Scope Q_scope with QQ.
Local Open Scope ring_scope.

(* ---------- integers and rationals that compute ---------- *)
Definition z2i (z : Z) : int := match z with Z0 => 0 | Zpos p => Posz (Pos.to_nat p) | Zneg p => - Posz (Pos.to_nat p) end.

Lemma z2i_sub a b : z2i (Z.sub (Z.of_nat a) (Z.of_nat b)) = a%:Z - b%:Z.
Proof.
case: (leqP b a) => h.
  have -> : Z.sub (Z.of_nat a) (Z.of_nat b) = Z.of_nat (a - b)%N.
    rewrite Nat2Z.inj_sub //; exact/ssrnat.leP.
  rewrite subzn //; case: (a - b)%N => [//|n] /=.
  by rewrite SuccNat2Pos.id_succ.
have -> : Z.sub (Z.of_nat a) (Z.of_nat b) = Z.opp (Z.of_nat (b - a)%N).
  rewrite Nat2Z.inj_sub; last by apply/ssrnat.leP/ltnW. lia.
rewrite -opprB subzn; last exact: ltnW.
case: (b - a)%N => [|n] /=; first by rewrite oppr0.
by rewrite SuccNat2Pos.id_succ.
Qed.

Lemma zdec (z : Z) : exists a b, z = Z.sub (Z.of_nat a) (Z.of_nat b).
Proof. by exists (Z.to_nat z), (Z.to_nat (- z)); lia. Qed.

Lemma z2iD a b : z2i (Z.add a b) = z2i a + z2i b.
Proof.
case: (zdec a) => p [q ->]; case: (zdec b) => r [s ->].
have -> : Z.add (Z.sub (Z.of_nat p) (Z.of_nat q)) (Z.sub (Z.of_nat r) (Z.of_nat s))
        = Z.sub (Z.of_nat (p + r)%N) (Z.of_nat (q + s)%N) by rewrite !Nat2Z.inj_add; lia.
by rewrite !z2i_sub !PoszD opprD addrACA.
Qed.

Lemma z2iM a b : z2i (Z.mul a b) = z2i a * z2i b.
Proof.
case: (zdec a) => p [q ->]; case: (zdec b) => r [s ->].
have -> : Z.mul (Z.sub (Z.of_nat p) (Z.of_nat q)) (Z.sub (Z.of_nat r) (Z.of_nat s))
        = Z.sub (Z.of_nat (p * r + q * s)%N) (Z.of_nat (p * s + q * r)%N).
  rewrite !Nat2Z.inj_add !Nat2Z.inj_mul; lia.
rewrite !z2i_sub !PoszD !PoszM mulrBl !mulrBr opprB opprD.
by rewrite addrACA.
Qed.

Section Model.
Variable R : rcfType.

Definition q2r (q : Q) : R := (z2i (Qnum q))%:~R / (Pos.to_nat (Qden q))%:R.

Lemma pos_neq0 p : (Pos.to_nat p)%:R != 0 :> R.
Proof. by rewrite pnatr_eq0 -lt0n; apply/ssrnat.ltP; exact: Pos2Nat.is_pos. Qed.
Hint Resolve pos_neq0 : core.

Lemma nat_z p : (Pos.to_nat p)%:R = (z2i (Zpos p))%:~R :> R. Proof. by []. Qed.

Lemma q2r_eq a b : Qeq a b -> q2r a = q2r b.
Proof.
rewrite /Qeq /q2r => e; apply/eqP; rewrite eqr_div //; apply/eqP.
by rewrite !nat_z -!intrM -!z2iM e.
Qed.

Lemma q2rD a b : q2r (Qplus a b) = q2r a + q2r b.
Proof.
by rewrite /q2r addf_div // /Qplus [Qnum _]/= [Qden _]/= z2iD !z2iM intrD !intrM -!nat_z Pos2Nat.inj_mul natrM.
Qed.

Lemma q2rM a b : q2r (Qmult a b) = q2r a * q2r b.
Proof. by rewrite /q2r mulf_div /Qmult [Qnum _]/= [Qden _]/= z2iM intrM Pos2Nat.inj_mul natrM. Qed.

Lemma q2r_red a : q2r (Qred a) = q2r a. Proof. exact/q2r_eq/Qred_correct. Qed.

(* ---------- semantics ---------- *)
(* Types of indices: 0 and 1 are the parts of a dimension, 2 is that dimension, 3, 4, ... are the others. A variable is (type, number). *)
Definition var := (nat * nat)%type.
Variables (nN nK : nat) (dim : nat -> nat).
Hypothesis NK : (nN <= nK)%N.
Definition lo (t : nat) := if t is 1 then nN else 0%N.
Definition hi (t : nat) := match t with 0 => nN | 1 => nK | 2 => nK | _ => dim t end.
Definition inr t i := (lo t <= i < hi t)%N.

Variable T : nat -> seq nat -> R.      (* entries of tensors *)
Variable sc0 : nat -> R.               (* scalars *)
(* The scalars below 20 are the sizes of the types. Type 1 has none: its size is a difference. *)
Definition sc (s : nat) : R :=
  match s with 0 => nN%:R | 1 => 0 | 2 => nK%:R | _ => if (s < 20)%N then (dim s)%:R else sc0 (s - 20)%N end.

Inductive ex :=
| Num of Z & positive          (* a fraction *)
| Sc of nat & Z                (* scalar to the power z/2 *)
| Tn of nat & seq var          (* an entry *)
| Dl of var & var              (* Kronecker's delta *)
| Add of ex & ex | Sub of ex & ex | Mul of ex & ex
| Sum of var & ex.

Definition env := var -> nat.
Definition upd (r : env) (x : var) (i : nat) : env := fun v => if v == x then i else r v.

Definition numR (n : Z) (p : positive) : R :=
  let a := match n with Z0 => 0 | Zpos n => (Pos.to_nat n)%:R | Zneg n => - (Pos.to_nat n)%:R end in
  if p is xH then a else a / (Pos.to_nat p)%:R.

Definition powR (x : R) (z : Z) : R :=
  match z with
  | Z0 => 1
  | Zpos (xO p) => x ^+ Pos.to_nat p
  | Zneg (xO p) => x ^- Pos.to_nat p
  | Zpos p => Num.sqrt x ^+ Pos.to_nat p
  | Zneg p => Num.sqrt x ^- Pos.to_nat p
  end.

Fixpoint den (r : env) (e : ex) : R :=
  match e with
  | Num n p => numR n p
  | Sc s z => powR (sc s) z
  | Tn t a => T t (map r a)
  | Dl x y => (r x == r y)%:R
  | Add a b => den r a + den r b
  | Sub a b => den r a - den r b
  | Mul a b => den r a * den r b
  | Sum x e => \sum_(lo x.1 <= i < hi x.1) den (upd r x i) e
  end.

(* ---------- what is said of tensors and scalars ---------- *)
Variable sym : seq (nat * nat).             (* tensor, type of its two slots *)
Variable unit : seq (nat * (nat * (nat * nat))).   (* tensor, slot, type, number of slots: its entries sum to one over the slot *)
Variable nz : seq nat.                      (* scalars that are not zero *)
Hypothesis symP : forall t s, (t, s) \in sym -> forall i j, inr s i -> inr s j -> T t [:: i; j] = T t [:: j; i].
Hypothesis unitP : forall t s ty n, (t, (s, (ty, n))) \in unit ->
  forall a, (s < size a)%N -> size a = n -> \sum_(lo ty <= i < hi ty) T t (set_nth 0%N a s i) = 1.
Hypothesis scP : forall s, 0 <= sc s.
Hypothesis nzP : forall s, s \in nz -> sc s != 0.

(* ---------- monomials ---------- *)
Definition fac := (nat * seq var)%type.     (* tensor 0 is delta *)
Record tm := Tm { co : Q; sp : seq (nat * Z); fs : seq fac; bs : seq var }.

Definition facR (r : env) (f : fac) : R :=
  if f is (0, [:: x; y]) then (r x == r y)%:R else T f.1 (map r f.2).
Definition prodR fs (r : env) : R := \prod_(f <- fs) facR r f.
Definition zpow (x : R) (z : Z) : R := x ^ z2i z.
Definition scal (l : seq (nat * Z)) : R := \prod_(p <- l) zpow (Num.sqrt (sc p.1)) p.2.
Fixpoint sumb (r : env) (l : seq var) (F : env -> R) : R :=
  if l is x :: l' then \sum_(lo x.1 <= i < hi x.1) sumb (upd r x i) l' F else F r.
Definition evt (r : env) (t : tm) : R := q2r (co t) * scal (sp t) * sumb r (bs t) (prodR (fs t)).
Definition evs (r : env) (ts : seq tm) : R := \sum_(t <- ts) evt r t.
Definition vars (l : seq fac) : seq var := flatten (map snd l).

(* ---------- lemmas about sumb ---------- *)
Definition dep (S : seq var) (F : env -> R) := forall r r', {in S, r =1 r'} -> F r = F r'.

Lemma prodR_dep l : dep (vars l) (prodR l).
Proof.
move=> r r' h; rewrite /prodR !big_seq; apply: eq_bigr => -[t a] fl.
have e : map r a = map r' a.
  by apply/eq_in_map => v va; apply: h; apply/flatten_mapP; exists (t, a).
rewrite /facR; case: t {fl} => [|t] /=; last by rewrite e.
by case: a e => [|x [|y [|z b]]] /= e; [| rewrite e | case: e => -> -> | rewrite e].
Qed.

Lemma upd_in (S : seq var) (r r' : env) x i : {in S, r =1 r'} -> {in S, upd r x i =1 upd r' x i}.
Proof. by move=> h v vS; rewrite /upd h. Qed.

Lemma sumb_dep (S : seq var) F : dep S F -> forall l r r', {in S, r =1 r'} -> sumb r l F = sumb r' l F.
Proof.
move=> dF; elim=> [|x l IH] r r' h /=; first exact: dF.
by apply: eq_bigr => i _; apply: IH; apply: upd_in.
Qed.

Lemma sumb_ext l r F G :
  (forall r', (forall v, v \notin l -> r' v = r v) -> (forall v, v \in l -> inr v.1 (r' v)) -> F r' = G r') ->
  sumb r l F = sumb r l G.
Proof.
elim: l r => [|x l IH] r h /=; first by apply: h.
apply: eq_big_nat => i hi_; apply: IH => r' h1 h2; apply: h => v.
  rewrite inE negb_or => /andP [vx vl]; rewrite h1 // /upd; by rewrite (negbTE vx).
rewrite inE => /orP [/eqP ->|]; last exact: h2.
case xl: (x \in l); first exact: h2.
by rewrite h1 ?xl // /upd eqxx.
Qed.

Lemma sumb_cat l1 l2 r F : sumb r (l1 ++ l2) F = sumb r l1 (fun r' => sumb r' l2 F).
Proof. by elim: l1 r => [|x l IH] r //=; apply: eq_bigr => i _; apply: IH. Qed.

Lemma sumb_mulr l r F c : sumb r l (fun r' => F r' * c) = sumb r l F * c.
Proof. by elim: l r => [|x l IH] r //=; rewrite mulr_suml; apply: eq_bigr => i _; rewrite IH. Qed.

Lemma sumb_mull l r F c : sumb r l (fun r' => c * F r') = c * sumb r l F.
Proof. by elim: l r => [|x l IH] r //=; rewrite mulr_sumr; apply: eq_bigr => i _; rewrite IH. Qed.

Lemma sumb_add l r F G : sumb r l (fun r' => F r' + G r') = sumb r l F + sumb r l G.
Proof. by elim: l r => [|x l IH] r //=; rewrite -big_split; apply: eq_bigr => i _; rewrite IH. Qed.

Lemma updC (S : seq var) (r : env) x y i j : x != y -> {in S, upd (upd r x i) y j =1 upd (upd r y j) x i}.
Proof.
move=> xy v _; rewrite /upd; case: (v =P y) => [->|//].
by rewrite eq_sym (negbTE xy).
Qed.

Lemma push (S : seq var) F x l r : dep S F -> x \notin l ->
  \sum_(lo x.1 <= i < hi x.1) sumb (upd r x i) l F = sumb r l (fun r' => \sum_(lo x.1 <= i < hi x.1) F (upd r' x i)).
Proof.
move=> dF; elim: l r => [|y l IH] r //=; rewrite inE negb_or => /andP [xy xl].
rewrite exchange_big_nat /=; apply: eq_bigr => j _; rewrite -IH //.
by apply: eq_bigr => i _; apply: (sumb_dep dF); apply: updC.
Qed.

Lemma out (S : seq var) F x l r : dep S F -> uniq l -> x \in l ->
  sumb r l F = sumb r (rem x l) (fun r' => \sum_(lo x.1 <= i < hi x.1) F (upd r' x i)).
Proof.
move=> dF; elim: l r => [|y l IH] r //= /andP [yl ul]; rewrite inE => /orP [/eqP exy|xl].
  by rewrite -exy eqxx; apply: (push _ dF); rewrite exy.
have /negbTE -> : y != x by apply/eqP => e; rewrite e xl in yl.
by rewrite /=; apply: eq_bigr => j _; apply: IH.
Qed.

Lemma dep_sum (S : seq var) F x : dep S F -> dep S (fun r' => \sum_(lo x.1 <= i < hi x.1) F (upd r' x i)).
Proof. by move=> dF r r' h; apply: eq_bigr => i _; apply: dF; apply: upd_in. Qed.

Lemma front (S : seq var) F x l r : dep S F -> uniq l -> x \in l ->
  sumb r l F = \sum_(lo x.1 <= i < hi x.1) sumb (upd r x i) (rem x l) F.
Proof. by move=> dF ul xl; rewrite (out _ dF ul xl) (push _ dF) // mem_rem_uniq // inE eqxx. Qed.

Lemma sumb_perm (S : seq var) F l l' r : dep S F -> uniq l -> perm_eq l l' -> sumb r l F = sumb r l' F.
Proof.
move=> dF; elim: l' l r => [|x l' IH] l r ul p; first by rewrite (perm_nilP p).
have xl : x \in l by rewrite (perm_mem p) inE eqxx.
rewrite (front _ dF ul xl) /=; apply: eq_bigr => i _; apply: IH; first exact: rem_uniq.
by rewrite -(perm_cons x) (perm_trans _ p) // perm_sym perm_to_rem.
Qed.

Definition renf (s : var -> var) (l : seq fac) : seq fac := [seq (f.1, map s f.2) | f <- l].

Lemma renf_prod s l r : prodR (renf s l) r = prodR l (fun v => r (s v)).
Proof.
rewrite /prodR big_map; apply: eq_bigr => -[t a] _; rewrite /facR /= -map_comp.
by case: t => [|t] //; case: a => [|x [|y [|? ?]]].
Qed.

Lemma alpha (S : seq var) (s : var -> var) F l r r' : dep S F -> {in S &, injective s} -> {subset l <= S} ->
  {in S, forall v, r v = r' (s v)} -> (forall x, x \in l -> (s x).1 = x.1) ->
  sumb r l F = sumb r' (map s l) (fun r'' => F (fun v => r'' (s v))).
Proof.
move=> dF si; elim: l r r' => [|x l IH] r r' lS h ht /=; first by apply: dF.
have xS : x \in S by apply: lS; rewrite inE eqxx.
rewrite ht ?inE ?eqxx //; apply: eq_bigr => i _; apply: IH.
- by move=> v vl; apply: lS; rewrite inE vl orbT.
- move=> v vS; rewrite /upd; case: (v =P x) => [->|vx]; first by rewrite eqxx.
  by case: eqP => [/(si _ _ vS xS) //|_]; apply: h.
- by move=> y yl; apply: ht; rewrite inE yl orbT.
Qed.

Lemma sumb_dep2 (S : seq var) F : dep S F -> forall l r r', (forall v, v \in S -> v \notin l -> r v = r' v) ->
  sumb r l F = sumb r' l F.
Proof.
move=> dF; elim=> [|x l IH] r r' h /=; first by apply: dF => v vS; apply: h.
apply: eq_bigr => i _; apply: IH => v vS vl; rewrite /upd; case: (v =P x) => [//|/eqP vx].
by apply: h; rewrite // inE negb_or vx.
Qed.

Lemma uniq_inj (s : var -> var) l : uniq (map s l) -> {in l &, injective s}.
Proof.
elim: l => [|a l IH] //= /andP [ha ul] x y; rewrite !inE => /orP [/eqP ->|xl] /orP [/eqP ->|yl] // e.
- by rewrite e map_f in ha.
- by rewrite -e map_f in ha.
- exact: IH.
Qed.

(* ---------- renaming ---------- *)
Definition rent s (t : tm) := Tm (co t) (sp t) (renf s (fs t)) (map s (bs t)).
Definition okren (s : var -> var) (t : tm) : bool :=
  let S := undup (vars (fs t) ++ bs t) in
  [&& uniq (map s S), all (fun x => (s x).1 == x.1) (bs t) & all (fun v => (v \in bs t) || (s v == v)) S].

Lemma rent_ok s t r : okren s t -> evt r (rent s t) = evt r t.
Proof.
case/and3P => u ht hf; rewrite /evt /=; congr (_ * _).
set S := undup _ in u hf; pose r1 v := r (s v).
have dF : dep S (prodR (fs t)).
  by move=> a b h; apply: prodR_dep => v hv; apply: h; rewrite mem_undup mem_cat hv.
rewrite (@sumb_dep2 S _ dF (bs t) r r1); last first.
  by move=> v vS vl; move/allP: hf => /(_ v vS); rewrite (negbTE vl) /= /r1 => /eqP ->.
rewrite (@alpha S s _ (bs t) r1 r dF) //; first last.
- by move=> x xb; apply/eqP; apply: (allP ht).
- by move=> v vb; rewrite mem_undup mem_cat vb orbT.
- exact: uniq_inj.
by apply: sumb_ext => r' _ _; apply: renf_prod.
Qed.

(* ---------- scalars ---------- *)
Fixpoint addp (s : nat) (z : Z) (l : seq (nat * Z)) : option (seq (nat * Z)) :=
  if l is (s', z') :: l' then
    if s == s' then
      if (s \in nz) || (Z.leb 0 z && Z.leb 0 z') then
        Some (if Z.eqb (Z.add z z') 0 then l' else (s, Z.add z z') :: l') else None
    else if (s < s')%N then Some ((s, z) :: l)
    else if addp s z l' is Some l'' then Some ((s', z') :: l'') else None
  else Some [:: (s, z)].
Fixpoint addsp (a b : seq (nat * Z)) := if a is (s, z) :: a' then obind (addp s z) (addsp a' b) else Some b.

Lemma z2i_ge0 z : Z.leb 0 z -> exists n : nat, z2i z = n.
Proof. by case: z => [|p|p] // _; [exists 0%N | exists (Pos.to_nat p)]. Qed.

Lemma addp_ok s z l l' : addp s z l = Some l' -> scal l' = zpow (Num.sqrt (sc s)) z * scal l.
Proof.
elim: l l' => [|[s' z'] l IH] l' /=; first by case=> <-; rewrite /scal big_cons.
case: (s =P s') => [<-|_].
  case: ifP => // h [<-].
  have e : zpow (Num.sqrt (sc s)) (Z.add z z') = zpow (Num.sqrt (sc s)) z * zpow (Num.sqrt (sc s)) z'.
    rewrite /zpow z2iD; case/orP: h => [/nzP sn|/andP [/z2i_ge0 [a ->] /z2i_ge0 [b ->]]].
      by rewrite expfzDr // sqrtr_eq0 -ltNge lt0r sn scP.
    by rewrite -PoszD exprzD_nat.
  case: (Z.eqb_spec (Z.add z z') 0) => ez; rewrite /scal !big_cons mulrA -e ?ez //.
  by rewrite /zpow /= expr0z mul1r.
case: ifP => [_ [<-]|_]; first by rewrite /scal !big_cons.
case ea: addp => [l''|//] [<-]; rewrite /scal !big_cons -!/(scal _) (IH _ ea).
by rewrite mulrCA.
Qed.

Lemma addsp_ok a b c : addsp a b = Some c -> scal c = scal a * scal b.
Proof.
elim: a c => [|[s z] a IH] c /=; first by case=> <-; rewrite /scal big_nil mul1r.
case ea: addsp => [d|//] /= /addp_ok ->; rewrite (IH _ ea) mulrA; congr (_ * _).
by rewrite /scal big_cons.
Qed.

(* ---------- products ---------- *)
Definition qmul a b := Qred (Qmult a b).
Definition qadd a b := Qred (Qplus a b).
Arguments qmul : simpl never. Arguments qadd : simpl never.
Lemma q2r_mul a b : q2r (qmul a b) = q2r a * q2r b. Proof. by rewrite q2r_red q2rM. Qed.
Lemma q2r_add a b : q2r (qadd a b) = q2r a + q2r b. Proof. by rewrite q2r_red q2rD. Qed.

Definition shift (l : seq var) (off : nat) (v : var) : var := if v \in l then (v.1, (v.2 + off)%N) else v.
Definition maxid (l : seq var) := foldr maxn 0%N (map snd l).
Definition mulm (a b : tm) : option tm :=
  let b' := if bs b is [::] then b else rent (shift (bs b) (maxid (vars (fs a) ++ bs a ++ vars (fs b))).+1) b in
  let good := if bs b is [::] then true else okren (shift (bs b) (maxid (vars (fs a) ++ bs a ++ vars (fs b))).+1) b in
  if [&& good, all (fun v => v \notin vars (fs b')) (bs a) & all (fun v => v \notin vars (fs a)) (bs b')] then
    if addsp (sp a) (sp b) is Some p then Some (Tm (qmul (co a) (co b)) p (fs a ++ fs b') (bs a ++ bs b')) else None
  else None.

Lemma evtE r c p f b : evt r (Tm c p f b) = q2r c * scal p * sumb r b (prodR f). Proof. by []. Qed.

Lemma mulm_ok a b c r : mulm a b = Some c -> evt r c = evt r a * evt r b.
Proof.
rewrite /mulm; set b' := (match bs b with [::] => b | _ => _ end); set good := (match bs b with [::] => true | _ => _ end).
case: ifP => // /and3P [hg ha hb]; case ep: addsp => [p|//] [<-].
have [-> cb sb] : [/\ evt r b = evt r b', co b' = co b & sp b' = sp b].
  by rewrite /b' /good in hg *; case: (bs b) hg => [|x l] hg; split=> //; rewrite rent_ok.
rewrite evtE /evt cb sb q2r_mul (addsp_ok ep) sumb_cat.
set Sa := sumb r (bs a) (prodR (fs a)); set Sb := sumb r (bs b') (prodR (fs b')).
suff -> : sumb r (bs a) (fun r' => sumb r' (bs b') (prodR (fs a ++ fs b'))) = Sa * Sb.
  by rewrite [RHS]mulrACA; congr (_ * _); exact: mulrACA.
rewrite -sumb_mulr; apply: sumb_ext => r1 h1 _.
have -> : Sb = sumb r1 (bs b') (prodR (fs b')).
  apply: (sumb_dep (@prodR_dep _)) => v hv; rewrite h1 //; apply: contraTN hv => hv.
  by move/allP: ha => /(_ v hv).
rewrite -sumb_mull; apply: sumb_ext => r2 h2 _.
rewrite /prodR big_cat /=; congr (_ * _); apply: prodR_dep => v hv; rewrite h2 //.
by apply: contraTN hv => hv; move/allP: hb => /(_ v hv).
Qed.

Fixpoint mul1 (a : tm) (l : seq tm) := if l is b :: l' then
  if mulm a b is Some c then omap (cons c) (mul1 a l') else None else Some [::].
Fixpoint muls (k l : seq tm) := if k is a :: k' then
  if mul1 a l is Some x then omap (cat x) (muls k' l) else None else Some [::].

Lemma mul1_ok a l c r : mul1 a l = Some c -> evs r c = evt r a * evs r l.
Proof.
elim: l c => [|b l IH] c /=; first by case=> <-; rewrite /evs !big_nil mulr0.
case em: mulm => [x|//]; case e1: mul1 => [y|//] [<-]; rewrite /evs !big_cons -!/(evs _ _) (IH _ e1).
by rewrite (mulm_ok _ em) mulrDr.
Qed.
Lemma muls_ok k l c r : muls k l = Some c -> evs r c = evs r k * evs r l.
Proof.
elim: k c => [|a k IH] c /=; first by case=> <-; rewrite /evs !big_nil mul0r.
case e1: mul1 => [x|//]; case em: muls => [y|//] [<-].
by rewrite /evs big_cat big_cons -!/(evs _ _) (IH _ em) (mul1_ok _ e1) mulrDl.
Qed.

Definition neg t := Tm (Qopp (co t)) (sp t) (fs t) (bs t).
Definition under x t := Tm (co t) (sp t) (fs t) (x :: bs t).
Fixpoint expand (e : ex) : option (seq tm) :=
  match e with
  | Num n p => Some [:: Tm (Qmake n p) [::] [::] [::]]
  | Sc s z => Some [:: Tm (Qmake 1 1) (if Z.eqb z 0 then [::] else [:: (s, z)]) [::] [::]]
  | Tn 0 a => None
  | Tn t a => Some [:: Tm (Qmake 1 1) [::] [:: (t, a)] [::]]
  | Dl x y => Some [:: Tm (Qmake 1 1) [::] [:: (0%N, [:: x; y])] [::]]
  | Add a b => if expand a is Some k then omap (cat k) (expand b) else None
  | Sub a b => if expand a is Some k then omap (fun l => k ++ map neg l) (expand b) else None
  | Mul a b => if expand a is Some k then obind (muls k) (expand b) else None
  | Sum x a => omap (map (under x)) (expand a)
  end.

Lemma numR_ok n p : numR n p = q2r (Qmake n p).
Proof.
have e : (z2i n)%:~R = match n with Z0 => 0 | Zpos n => (Pos.to_nat n)%:R | Zneg n => - (Pos.to_nat n)%:R end :> R.
  by case: n => [|n|n] //=; rewrite mulrNz.
by rewrite /numR /q2r /= -e; case: p => // ; rewrite divr1.
Qed.

Lemma powR_ok x z : 0 <= x -> powR x z = zpow (Num.sqrt x) z.
Proof.
move=> x0; have e p : x ^+ Pos.to_nat p = Num.sqrt x ^+ Pos.to_nat (xO p).
  by rewrite Pos2Nat.inj_xO multE exprM sqr_sqrtr.
rewrite /zpow; case: z => [|[p|p|]|[p|p|]] //=; rewrite ?e ?exprnN //.
Qed.

Lemma evs1 r t : evs r [:: t] = evt r t. Proof. by rewrite /evs big_seq1. Qed.

Lemma q1 : q2r (Qmake 1 1) = 1. Proof. by rewrite /q2r divr1. Qed.

Lemma expand_ok e ts r : expand e = Some ts -> evs r ts = den r e.
Proof.
elim: e ts r => [n p|s z|t a|x y|a IHa b IHb|a IHa b IHb|a IHa b IHb|x a IH] ts r /=.
- by case=> <-; rewrite evs1 /evt /= /scal /prodR !big_nil !mulr1 numR_ok.
- case=> <-; rewrite evs1 /evt /= /prodR big_nil mulr1 q1 mul1r /scal.
  case: Z.eqb_spec => [->|_]; first by rewrite big_nil.
  by rewrite big_seq1 powR_ok.
- by case: t => // t [<-]; rewrite evs1 /evt /= /scal /prodR big_nil big_seq1 q1 !mul1r.
- by case=> <-; rewrite evs1 /evt /= /scal /prodR big_nil big_seq1 q1 !mul1r.
- case ea: (expand a) => [k|//]; case eb: (expand b) => [l|//] [<-].
  by rewrite /evs big_cat -!/(evs _ _) (IHa _ _ ea) (IHb _ _ eb).
- case ea: (expand a) => [k|//]; case eb: (expand b) => [l|//] [<-].
  rewrite /evs big_cat -!/(evs _ _) (IHa _ _ ea) -(IHb _ _ eb); congr (_ + _).
  rewrite /evs big_map -sumrN; apply: eq_bigr => t _; rewrite /evt /= -!mulNr; congr (_ * _ * _).
  by rewrite /q2r /=; case: (Qnum _) => [|p|p] /=; rewrite ?oppr0 ?opprK ?mulrNz ?mul0r ?oppr0 ?mulNr ?opprK.
- case ea: (expand a) => [k|//]; case eb: (expand b) => [l|//] /= em.
  by rewrite (muls_ok _ em) (IHa _ _ ea) (IHb _ _ eb).
- case ea: (expand a) => [k|//] [<-]; rewrite /evs big_map.
  rewrite (eq_bigr (fun t => \sum_(lo x.1 <= i < hi x.1) evt (upd r x i) t)); last first.
    by move=> t _; rewrite /evt /= mulr_sumr.
  by rewrite exchange_big; apply: eq_bigr => i _; rewrite -(IH _ _ ea).
Qed.

(* ---------- rules ---------- *)
Section Context.
Variable ctx : seq var.
Definition okc (r : env) := forall v, v \in ctx -> inr v.1 (r v).
Definition okv (t : tm) v := (v \in bs t) || (v \in ctx).
Definition sub (a b : nat) := (a == b) || ((b == 2%N) && (a < 2)%N).
Definition disj (a b : nat) := ((a == 0%N) && (b == 1%N)) || ((a == 1%N) && (b == 0%N)).
Definition one (x y : var) : var -> var := fun v => if v == x then y else v.

Lemma sub_inr a b i : sub a b -> inr a i -> inr b i.
Proof.
case/orP => [/eqP ->//|/andP [/eqP -> ]]; case: a => [|[|a]] // _; rewrite /inr /=.
  by move=> h; exact: leq_trans h NK.
by case/andP.
Qed.

Lemma prodR_rem f l r : f \in l -> prodR l r = facR r f * prodR (rem f l) r.
Proof. by move=> fl; rewrite /prodR (perm_big _ (perm_to_rem fl)) big_cons. Qed.

Lemma okv_in t v r r' : okv t v -> okc r -> (forall v, v \notin bs t -> r' v = r v) ->
  (forall v, v \in bs t -> inr v.1 (r' v)) -> inr v.1 (r' v).
Proof.
move=> /orP [vb|vc] hc h1 h2; first exact: h2.
case vb: (v \in bs t); first exact: h2.
by rewrite h1 ?vb //; apply: hc.
Qed.

(* same monomial with other factors, when these agree wherever indices are in range *)
Lemma evt_fs t l r : okc r ->
  (forall r', (forall v, okv t v -> inr v.1 (r' v)) -> prodR (fs t) r' = prodR l r') ->
  evt r t = evt r (Tm (co t) (sp t) l (bs t)).
Proof.
move=> hc h; rewrite /evt /=; congr (_ * _); apply: sumb_ext => r' h1 h2; apply: h => v hv.
exact: (okv_in hv hc h1 h2).
Qed.

Lemma upd_one (r : env) x y l : prodR (renf (one x y) l) r = prodR l (upd r x (r y)).
Proof.
rewrite renf_prod; apply: prodR_dep => v _; rewrite /upd /one.
by case: (v == x).
Qed.

Lemma sum_delta a b k (F : nat -> R) : (a <= k < b)%N -> \sum_(a <= i < b) (i == k)%:R * F i = F k.
Proof.
move=> h; rewrite (bigD1_seq k) ?mem_index_iota ?iota_uniq //= eqxx mul1r big1 ?addr0 // => i /negbTE ->.
by rewrite mul0r.
Qed.

(* contract: sum over x of delta x y *)
Lemma contract t l x y r : okc r -> uniq (bs t) -> x \in bs t -> x != y -> sub y.1 x.1 -> okv t y ->
  (forall r', prodR (fs t) r' = (r' x == r' y)%:R * prodR l r') ->
  evt r t = evt r (Tm (co t) (sp t) (renf (one x y) l) (rem x (bs t))).
Proof.
move=> hc ub xb xy syx oy h; rewrite /evt /=; congr (_ * _).
rewrite (out _ (@prodR_dep (fs t)) ub xb); apply: sumb_ext => r' h1 h2; rewrite upd_one.
have yr : inr x.1 (r' y).
  apply: (sub_inr syx).
  have yx : y != x by rewrite eq_sym.
  case/orP: oy => [yb|yc]; first by apply: h2; rewrite mem_rem_uniq // inE yx.
  case yb: (y \in bs t); first by apply: h2; rewrite mem_rem_uniq // inE yx.
  by rewrite h1; [exact: hc | apply: contraFN yb => /mem_rem].
rewrite (eq_bigr (fun i => (i == r' y)%:R * prodR l (upd r' x i))); last first.
  by move=> i _; rewrite h /upd eqxx; have -> : (y == x) = false by rewrite eq_sym (negbTE xy).
by rewrite sum_delta.
Qed.

Definition code (v : var) := [:: v.1; v.2].
Fixpoint lex (a b : seq nat) := match a, b with
  | [::], _ => true | _, [::] => false
  | x :: a', y :: b' => (x < y)%N || ((x == y) && lex a' b') end.

Definition delta1 (t : tm) (f : fac) : option (seq tm) :=
  if f is (0, [:: x; y]) then
    let l := rem f (fs t) in
    let put l b := Some [:: Tm (co t) (sp t) l b] in
    if x == y then put l (bs t)
    else if [&& x \in bs t, sub y.1 x.1 & okv t y] then put (renf (one x y) l) (rem x (bs t))
    else if [&& y \in bs t, sub x.1 y.1 & okv t x] then put (renf (one y x) l) (rem y (bs t))
    else if [&& disj x.1 y.1, okv t x & okv t y] then Some [::]
    else if [&& x \notin bs t & y \notin bs t] then
      let: (x, y) := if lex (code x) (code y) then (x, y) else (y, x) in
      if y \in vars l then put ((0%N, [:: x; y]) :: renf (one y x) l) (bs t) else None
    else None
  else None.

Lemma delta1_ok t f ts r : okc r -> uniq (bs t) -> f \in fs t -> delta1 t f = Some ts -> evs r ts = evt r t.
Proof.
move=> hc ub ff; case: f ff => [[|n] [|x [|y [|? ?]]]] //= ff.
have h r' : prodR (fs t) r' = (r' x == r' y)%:R * prodR (rem (0%N, [:: x; y]) (fs t)) r'.
  by rewrite (prodR_rem _ ff).
case: (x =P y) => [exy|/eqP xy].
  move=> [<-]; rewrite evs1; symmetry; apply: evt_fs => // r' _.
  by rewrite h exy eqxx mul1r.
case: ifP => [/and3P [xb s o] [<-]|_].
  by rewrite evs1 -(contract hc ub xb xy s o h).
case: ifP => [/and3P [yb s o] [<-]|_].
  rewrite evs1 -(contract hc ub yb _ s o _) 1?eq_sym // => r'.
  by rewrite h eq_sym.
case: ifP => [/and3P [d ox oy] [<-]|_].
  rewrite /evs big_nil; symmetry; rewrite /evt.
  suff -> : sumb r (bs t) (prodR (fs t)) = 0 by rewrite mulr0.
  rewrite (@sumb_ext _ _ _ (fun _ => 0 * 0)); last first.
    move=> r' h1 h2; rewrite h mul0r.
    have := okv_in ox hc h1 h2; have := okv_in oy hc h1 h2.
    suff e : inr y.1 (r' y) -> inr x.1 (r' x) -> r' x == r' y = false by move=> a b; rewrite e ?mul0r.
    rewrite /inr; case/orP: d => /andP [/eqP -> /eqP ->] /=.
      by move=> /andP [a _] b; apply/negbTE; rewrite neq_ltn (leq_trans b a).
    by move=> b /andP [a _]; apply/negbTE; rewrite neq_ltn (leq_trans b a) orbT.
  by rewrite sumb_mull mul0r.
case: ifP => // /andP [xb yb].
have nar u v : (u == v -> False) \/ True -> (forall r', prodR (fs t) r' = (r' u == r' v)%:R * prodR (rem (0%N, [:: x; y]) (fs t)) r') ->
  evt r (Tm (co t) (sp t) ((0%N, [:: u; v]) :: renf (one v u) (rem (0%N, [:: x; y]) (fs t))) (bs t)) = evt r t.
  move=> _ h'; symmetry; apply: evt_fs => // r' _; rewrite h' [RHS]big_cons -/(prodR _ _) upd_one /=.
  case: eqP => e; rewrite ?mul0r //; congr (_ * _); apply: prodR_dep => w _; rewrite /upd.
  by case: eqP => // ->; rewrite e.
case: (_ || _) => /=; case: ifP => // _ [] <-; rewrite evs1; apply: nar => //; try (by right).
by move=> r'; rewrite h eq_sym.
Qed.

Definition unit1 (t : tm) (f : fac) : option (seq tm) :=
  if [seq u <- unit | u.1 == f.1] is u :: _ then
    let s := u.2.1 in let v := nth (9%N, 0%N) f.2 s in let l := rem f (fs t) in
    if [&& u \in unit, u.1 == f.1, f.1 != 0%N, (s < size f.2)%N & [&& size f.2 == u.2.2.2, v \in bs t, v.1 == u.2.2.1, v \notin vars l &
        all (fun k => (k == s) || (nth v f.2 k != v)) (iota 0 (size f.2))]] then
      Some [:: Tm (co t) (sp t) l (rem v (bs t))] else None
  else None.

Lemma unit1_ok t f ts r : uniq (bs t) -> f \in fs t -> unit1 t f = Some ts -> evs r ts = evt r t.
Proof.
move=> ub ff; rewrite /unit1; case: [seq u <- unit | u.1 == f.1] => // u _.
set v := nth _ _ _; set l := rem _ _; case: ifP => // /and5P [uu /eqP uf f0 sz /and5P [/eqP sz3 vb /eqP vt vl al]] [<-].
have facE r' : facR r' f = T f.1 (map r' f.2) by rewrite /facR; case: f f0 {ff l vl al uf sz sz3 v vb vt} => [[|n] a].
rewrite evs1 /evt /=; congr (_ * _); rewrite (out _ (@prodR_dep (fs t)) ub vb); apply: sumb_ext => r' _ _.
rewrite (eq_bigr (fun i => T f.1 (set_nth 0%N (map r' f.2) u.2.1 i) * prodR l r')); last first.
  move=> i _; rewrite (prodR_rem _ ff) facE; congr (_ * _); last first.
    apply: prodR_dep => w wl; rewrite /upd; case: eqP => // wv; by rewrite wv (negbTE vl) in wl.
  have this : map (upd r' v i) f.2 = set_nth 0%N (map r' f.2) u.2.1 i.
    apply: (@eq_from_nth _ 0%N); first by rewrite size_set_nth !size_map (maxn_idPr sz).
    move=> k; rewrite size_map => ks; rewrite nth_set_nth /= (nth_map v _ (upd r' v i)) // /upd.
    have := allP al k; rewrite mem_iota ks => /(_ isT); case: (k =P u.2.1) => [-> _|_ /= nk].
      by case: eqP => // ne; case: ne; rewrite /v; apply: set_nth_default.
    by case: eqP => [e|_]; [rewrite e eqxx in nk | rewrite (nth_map v)].
  by rewrite this.
rewrite -mulr_suml; have uP : (u.1, (u.2.1, (u.2.2.1, u.2.2.2))) \in unit by case: u uu {uf sz sz3 v vb vt vl al} => ? [? []].
by rewrite -uf vt (unitP uP) ?mul1r ?size_map.
Qed.

Definition count1 (t : tm) (v : var) : option (seq tm) :=
  if (v \in bs t) && (v \notin vars (fs t)) then
    let p z c := if addp z 2 (sp t) is Some q then Some (Tm (qmul c (co t)) q (fs t) (rem v (bs t))) else None in
    match v.1 with
    | 1 => if p 2%N (Qmake 1 1) is Some a then if p 0%N (Qmake (-1) 1) is Some b then Some [:: a; b] else None else None
    | s => if (s < 20)%N then omap (fun a => [:: a]) (p s (Qmake 1 1)) else None
    end
  else None.

Lemma sq_sc s : zpow (Num.sqrt (sc s)) 2 = sc s.
Proof. by rewrite /zpow /= -exprnP sqr_sqrtr. Qed.

Lemma qm1 : q2r (Qmake (-1) 1) = -1. Proof. by rewrite /q2r /= divr1 mulrNz. Qed.

Lemma count1_ok t v ts r : uniq (bs t) -> count1 t v = Some ts -> evs r ts = evt r t.
Proof.
move=> ub; rewrite /count1; case: ifP => // /andP [vb vf].
set b' := rem v (bs t); set Sb := sumb r b' (prodR (fs t)).
have e : evt r t = (hi v.1 - lo v.1)%:R * (q2r (co t) * scal (sp t) * Sb).
  rewrite /evt (out _ (@prodR_dep (fs t)) ub vb) [RHS]mulrCA; congr (_ * _); rewrite /Sb -sumb_mull; apply: sumb_ext => r' _ _.
  rewrite (eq_bigr (fun _ => prodR (fs t) r')); first by rewrite sumr_const_nat mulr_natl.
  move=> i _; apply: prodR_dep => w wl; rewrite /upd; case: eqP => // wv; by rewrite -wv wl in vf.
have g z c q : addp z 2 (sp t) = Some q -> evt r (Tm (qmul c (co t)) q (fs t) b') = q2r c * sc z * (q2r (co t) * scal (sp t) * Sb).
  by move=> h; rewrite evtE q2r_mul (addp_ok h) sq_sc -/Sb [q2r c * q2r (co t) * _]mulrACA -!mulrA.
have one_ s q : hi v.1 = s -> lo v.1 = 0%N -> forall z, addp z 2 (sp t) = Some q -> sc z = s%:R ->
   evs r [:: Tm (qmul (Qmake 1 1) (co t)) q (fs t) b'] = evt r t.
  by move=> h1 h0 z h h2; rewrite evs1 (g _ _ _ h) e h1 h0 subn0 h2 q1 mul1r.
case E: v.1 => [|[|[|n]]] //=.
- by case h: addp => [q|//] [<-]; apply: (one_ nN q _ _ 0%N h); rewrite ?E.
- case h: addp => [q|//]; case h': addp => [q'|//] [<-].
  rewrite /evs !big_cons big_nil addr0 (g _ _ _ h) (g _ _ _ h') e E q1 qm1 /= -mulrDl natrB //.
  by rewrite mul1r mulN1r.
- by case h: addp => [q|//] [<-]; apply: (one_ nK q _ _ 2%N h); rewrite ?E.
- case: ifP => // small; case h: addp => [q|//] [<-]; apply: (one_ (dim n.+3) q _ _ n.+3 h); rewrite ?E //=.
  by rewrite small.
Qed.

(* renaming one variable, whose value moves with it *)
Lemma move_one t x y r : y \notin vars (fs t) ++ bs t -> x \notin bs t ->
  evt (upd r y (r x)) (Tm (co t) (sp t) (renf (one x y) (fs t)) (bs t)) = evt r t.
Proof.
move=> yS xb; rewrite /evt /=; congr (_ * _).
set S := vars (fs t) ++ bs t in yS.
have dF : dep S (prodR (fs t)) by move=> a b h; apply: prodR_dep => v hv; apply: h; rewrite mem_cat hv.
have yne v : v \in S -> v != y by apply: contraTneq => ->.
rewrite (@alpha S (one x y) _ (bs t) r (upd r y (r x)) dF) //.
- have -> : map (one x y) (bs t) = bs t.
    by rewrite -[RHS]map_id; apply/eq_in_map => v vb; rewrite /one; case: eqP => // e; rewrite -e vb in xb.
  by apply: sumb_ext => r' _ _; rewrite renf_prod.
- move=> a b aS bS; rewrite /one; case: (a =P x) => [->|_]; case: (b =P x) => [->|_] // e.
    by move: (yne _ bS); rewrite -e eqxx.
  by move: (yne _ aS); rewrite e eqxx.
- by move=> v vb; rewrite mem_cat vb orbT.
- move=> v vS; rewrite /upd /one; case: (v =P x) => [->|_]; first by rewrite eqxx.
  by rewrite (negbTE (yne _ vS)).
- by move=> v vb; rewrite /one; case: eqP => // e; rewrite -e vb in xb.
Qed.

Definition split1 (t : tm) (x : var) (off : nat) : option (seq tm) :=
  let put y := Tm (co t) (sp t) (renf (one x y) (fs t)) (y :: rem x (bs t)) in
  let a := (0%N, (x.2 + off)%N) in let b := (1%N, (x.2 + off)%N) in
  if [&& x \in bs t, x.1 == 2%N, a \notin vars (fs t) ++ bs t & b \notin vars (fs t) ++ bs t] then Some [:: put a; put b] else None.

Lemma split1_ok t x off ts r : uniq (bs t) -> split1 t x off = Some ts -> evs r ts = evt r t.
Proof.
move=> ub; rewrite /split1; case: ifP => // /and4P [xb /eqP x2 na nb] [<-].
rewrite /evs !big_cons big_nil addr0.
pose t' := Tm (co t) (sp t) (fs t) (rem x (bs t)).
have nr y : y \notin vars (fs t) ++ bs t -> y \notin vars (fs t') ++ bs t'.
  by rewrite !mem_cat !negb_or => /andP [-> yb] /=; apply: contra yb => /mem_rem.
have xr : x \notin bs t' by rewrite mem_rem_uniq // inE eqxx.
have put y : y \notin vars (fs t) ++ bs t -> forall i,
  q2r (co t) * scal (sp t) * sumb (upd r y i) (rem x (bs t)) (prodR (renf (one x y) (fs t))) =
  q2r (co t) * scal (sp t) * sumb (upd r x i) (rem x (bs t)) (prodR (fs t)).
  move=> ny i; have := move_one (upd r x i) (nr _ ny) xr; rewrite /evt /= => <-; congr (_ * _).
  apply: (@sumb_dep _ _ (@prodR_dep _)) => v hv; rewrite /upd eqxx; case: (v =P y) => // _.
  case: (v =P x) => // vx; exfalso; move: hv; rewrite vx /vars /renf -map_comp => /flatten_mapP [] /= f _.
  move=> /mapP [w _] /eqP; rewrite /one; case: (w =P x) => [_|/eqP wx]; last by rewrite eq_sym (negbTE wx).
  by move=> /eqP xy; move: ny; rewrite -xy mem_cat xb orbT.
rewrite /evt /= !mulr_sumr (front _ (@prodR_dep (fs t)) ub xb) mulr_sumr.
rewrite (eq_bigr _ (fun i _ => put _ na i)) (eq_bigr _ (fun i _ => put _ nb i)) x2 /=.
by symmetry; apply: big_cat_nat.
Qed.

(* ---------- normalising ---------- *)
Fixpoint first_some A B (f : A -> option B) (l : seq A) : option B :=
  if l is a :: l' then if f a is Some b then Some b else first_some f l' else None.

Lemma first_someP (A : eqType) B (f : A -> option B) l b : first_some f l = Some b -> exists2 a, a \in l & f a = Some b.
Proof.
elim: l => [|a l IH] //=; case e: (f a) => [c|]; first by case=> <-; exists a; rewrite ?inE ?eqxx.
by move/IH => [x xl fx]; exists x; rewrite // inE xl orbT.
Qed.

Definition step (t : tm) : option (seq tm) :=
  if ~~ uniq (bs t) then None
  else if first_some (delta1 t) (fs t) is Some x then Some x
  else if first_some (unit1 t) (fs t) is Some x then Some x
  else first_some (count1 t) (bs t).

Lemma step_ok t ts r : okc r -> step t = Some ts -> evs r ts = evt r t.
Proof.
move=> hc; rewrite /step; case: ifP => // /negbFE ub.
case e1: first_some => [x|]; first by case=> <-; case: (first_someP e1) => f ff; exact: delta1_ok.
case e2: first_some => [x|]; first by case=> <-; case: (first_someP e2) => f ff; exact: unit1_ok.
by move=> e3; case: (first_someP e3) => v _; exact: count1_ok.
Qed.

Fixpoint simp (n : nat) (t : tm) : seq tm :=
  if n is n'.+1 then if step t is Some ts then flatten (map (simp n') ts) else [:: t] else [:: t].

Lemma evs_flatten r (f : tm -> seq tm) ts : (forall t, evs r (f t) = evt r t) -> evs r (flatten (map f ts)) = evs r ts.
Proof.
move=> h; elim: ts => [|t ts IH] //=.
by rewrite /evs big_cat big_cons -!/(evs _ _) IH h.
Qed.

Lemma simp_ok n t r : okc r -> evs r (simp n t) = evt r t.
Proof.
move=> hc; elim: n t => [|n IH] t /=; first exact: evs1.
case e: step => [ts|]; last exact: evs1.
by rewrite evs_flatten // (step_ok hc e).
Qed.

Fixpoint splits (n : nat) (off : nat) (t : tm) : seq tm :=
  if n is n'.+1 then
    if uniq (bs t) then if first_some (fun x => split1 t x off) (bs t) is Some ts then flatten (map (splits n' off) ts) else [:: t]
    else [:: t]
  else [:: t].

Lemma splits_ok n off t r : evs r (splits n off t) = evt r t.
Proof.
elim: n t => [|n IH] t /=; first exact: evs1.
case: ifP => ub; last exact: evs1.
case e: first_some => [ts|]; last exact: evs1.
by rewrite evs_flatten //; case: (first_someP e) => x _; exact: split1_ok.
Qed.

(* an order of the bound indices: colours, refined; nothing is proved of it, and nothing need be *)
Definition issym (n : nat) := (n == 0%N) || has (fun p => p.1 == n) sym.
Definition cols := seq (var * nat).
Definition colour (c : cols) (v : var) : seq nat :=
  if [seq p <- c | p.1 == v] is p :: _ then [:: 1%N; p.2] else [:: 0%N; v.1; v.2].
Definition seen (c : cols) (f : fac) : seq nat :=
  let l := map (colour c) f.2 in f.1 :: flatten (if issym f.1 then sort lex l else l).
Definition sig (c : cols) (l : seq (fac * seq nat)) (v : var) : seq nat :=
  nth 0%N (colour c v) 1 :: flatten (sort lex [seq
    99%N :: (if issym p.1.1 then [:: count_mem v p.1.2] else [seq nat_of_bool (w == v) | w <- p.1.2]) ++ p.2 | p <- l & v \in p.1.2]).
Definition refine (fs : seq fac) (c : cols) : cols :=
  let l := [seq (f, seen c f) | f <- fs] in
  let s := [seq (p.1, sig c l p.1) | p <- c] in
  let ranks := undup (sort lex (map snd s)) in
  [seq (p.1, (2 * index p.2 ranks)%N) | p <- s].
Fixpoint refines (n : nat) (fs : seq fac) (c : cols) : cols :=
  if n is n'.+1 then
    let c' := refine fs c in
    if size (undup (map snd c')) == size (undup (map snd c)) then
      let all_ := sort leq (map snd c') in
      if [seq k <- undup all_ | (1 < count_mem k all_)%N] is k :: _ then
        if [seq p <- c' | p.2 == k] is p :: _ then
          refines n' fs [seq if q.1 == p.1 then (q.1, q.2) else (q.1, if q.2 == k then q.2.+1 else q.2) | q <- c']
        else c'
      else c'
    else refines n' fs c'
  else c.
Definition base := 60%N.
Definition order_of (t : tm) : var -> var :=
  let c := refines (3 * size (bs t)).+2 (fs t) [seq (v, (2 * v.1)%N) | v <- bs t] in
  let l := map fst (sort (fun p q : var * nat => (p.2 <= q.2)%N) c) in
  fun v => if v \in bs t then (v.1, (base + index v l)%N) else v.

Definition turn (t : tm) (f : fac) : fac :=
  if f is (n, [:: x; y]) then
    if lex (code x) (code y) then f
    else if n == 0%N then (n, [:: y; x])
    else if first_some (fun p : nat * nat => if [&& p \in sym, p.1 == n, sub x.1 p.2, sub y.1 p.2, okv t x & okv t y] then Some tt else None) sym is Some _
    then (n, [:: y; x]) else f
  else f.

Lemma turn_ok t f r : (forall v, okv t v -> inr v.1 (r v)) -> facR r (turn t f) = facR r f.
Proof.
move=> h; case: f => n [|x [|y [|? ?]]] //; rewrite /turn; case: ifP => // _.
case: n => [|n] /=; first by rewrite eq_sym.
case e: first_some => [b|//]; case: (first_someP e) => -[k s] _ /=; case: ifP => // /and5P [ks /eqP kn sx sy /andP [ox oy]] _ /=.
by rewrite kn in ks; apply: (symP ks); [apply: (sub_inr sy) | apply: (sub_inr sx)]; apply: h.
Qed.

Definition fcode (f : fac) : seq nat := f.1 :: flatten (map code f.2).
Definition vle (a b : var) := lex (code a) (code b).
Definition fle (a b : fac) := lex (fcode a) (fcode b).
Definition canon (t : tm) : tm :=
  let s := order_of t in
  if okren s t && uniq (bs t) then
    let t' := rent s t in
    if uniq (bs t') then Tm (co t) (sp t) (sort fle (map (turn t') (fs t'))) (sort vle (bs t')) else t
  else t.

Lemma canon_ok t r : okc r -> evt r (canon t) = evt r t.
Proof.
move=> hc; rewrite /canon; case: ifP => // /andP [o _]; case: ifP => // u.
rewrite -(rent_ok r o) /evt /=; congr (_ * _).
set l := map (turn _) _; set b := map _ (bs t) in u *.
rewrite (sumb_perm r (@prodR_dep (sort fle l)) _ (l' := b)); first last.
- by rewrite perm_sort.
- by rewrite sort_uniq.
apply: sumb_ext => r' h1 h2.
transitivity (prodR l r'); first by rewrite /prodR (perm_big l) // perm_sort.
rewrite /prodR /l big_map; apply: eq_bigr => f _; apply: turn_ok => v hv.
exact: (okv_in (t := rent (order_of t) t) hv hc h1 h2).
Qed.

Definition key (t : tm) := (sp t, fs t, bs t).
Definition spq (a b : seq (nat * Z)) := (map fst a == map fst b) && all2 (fun x y => Z.eqb x.2 y.2) a b.
Definition same (a b : tm) := [&& bs a == bs b, fs a == fs b & spq (sp a) (sp b)].
Fixpoint add1 (t : tm) (l : seq tm) : seq tm :=
  if l is u :: l' then if same t u then Tm (qadd (co t) (co u)) (sp u) (fs u) (bs u) :: l' else u :: add1 t l' else [:: t].

Lemma spqP a b : spq a b -> a = b.
Proof.
elim: a b => [|[x z] a IH] [|[y w] b] //; rewrite /spq /= => /andP [/eqP [-> e]] /andP [/Z.eqb_spec -> al].
by rewrite (IH b) // /spq e eqxx.
Qed.

Lemma add1_ok t l r : evs r (add1 t l) = evt r t + evs r l.
Proof.
elim: l => [|u l IH] /=; first by rewrite evs1 /evs big_nil addr0.
case: ifP => [/and3P [/eqP h1 /eqP h2 /spqP h3]|_]; last first.
  by rewrite /evs !big_cons -!/(evs _ _) IH addrCA.
rewrite /evs !big_cons -!/(evs _ _) addrA; congr (_ + _).
by rewrite evtE q2r_add /evt h1 h2 h3 !mulrDl.
Qed.

Definition zero (ts : seq tm) : bool :=
  all (fun t => Z.eqb (Qnum (co t)) 0) (foldr add1 [::] ts).

Lemma zero_ok ts r : zero ts -> evs r ts = 0.
Proof.
move=> z; have -> : evs r ts = evs r (foldr add1 [::] ts).
  elim: ts {z} => [|t ts IH] //=; by rewrite add1_ok /evs big_cons -!/(evs _ _) IH.
rewrite /zero in z; elim: (foldr add1 [::] ts) z => [|t l IH] /=; first by rewrite /evs big_nil.
case/andP => /Z.eqb_spec h /IH; rewrite /evs big_cons -!/(evs _ _) => ->.
by rewrite /evt /q2r h /= !mul0r addr0.
Qed.
End Context.

Definition fuel := 40%N.
Definition pass ctx ts := flatten (map (simp ctx fuel) ts).
Definition finish ctx ts := zero (map (canon ctx) (pass ctx (flatten (map (splits 14 20) ts)))).
Definition quick ctx ts := zero (map (canon ctx) ts).

Lemma map_canon ctx ts r : okc ctx r -> evs r (map (canon ctx) ts) = evs r ts.
Proof. by move=> hc; rewrite /evs big_map; apply: eq_bigr => t _; apply: canon_ok. Qed.

Lemma pass_ok ctx ts r : okc ctx r -> evs r (pass ctx ts) = evs r ts.
Proof. by move=> hc; apply: evs_flatten => t; apply: simp_ok. Qed.

Lemma finish_ok ctx ts r : okc ctx r -> finish ctx ts -> evs r ts = 0.
Proof.
move=> hc /(zero_ok r); rewrite map_canon // pass_ok // => <-; symmetry.
by apply: evs_flatten => t; apply: splits_ok.
Qed.

(* each free token in the prompt, and outside it *)
Definition moved x y (t : tm) : option tm :=
  if (y \notin vars (fs t) ++ bs t) && (x \notin bs t) then Some (Tm (co t) (sp t) (renf (one x y) (fs t)) (bs t)) else None.
Fixpoint moveds x y (ts : seq tm) : option (seq tm) :=
  if ts is t :: l then if moved x y t is Some u then omap (cons u) (moveds x y l) else None else Some [::].

Lemma moveds_ok x y ts us r : moveds x y ts = Some us -> evs (upd r y (r x)) us = evs r ts.
Proof.
elim: ts us => [|t ts IH] us /=; first by case=> <-; rewrite /evs !big_nil.
rewrite /moved; case: ifP => // /andP [h1 h2]; case e: moveds => [w|//] [<-].
by rewrite /evs !big_cons -!/(evs _ _) (IH _ e) move_one.
Qed.

Fixpoint vcases (todo ctx : seq var) (ts : seq tm) : bool :=
  if todo is x :: l then
    if x.1 == 2%N then
      let go y := if y \notin ctx ++ todo then if moveds x y ts is Some us then vcases l (y :: ctx) us else false else false in
      go (0%N, (x.2 + 20)%N) && go (1%N, (x.2 + 20)%N)
    else vcases l (x :: ctx) ts
  else finish ctx ts.

Lemma vcases_ok todo ctx ts r : vcases todo ctx ts -> okc ctx r -> okc todo r -> evs r ts = 0.
Proof.
elim: todo ctx ts r => [|x l IH] ctx ts r /=; first by move=> h hc _; apply: finish_ok h.
case: ifP => [/eqP x2|_]; last first.
  move=> h hc hx; apply: (IH _ _ _ h).
    move=> v; rewrite inE => /orP [/eqP ->|]; last exact: hc.
    by apply: hx; rewrite inE eqxx.
  by move=> v vl; apply: hx; rewrite inE vl orbT.
move=> /andP [h1 h2] hc hx.
have xr : inr x.1 (r x) by apply: hx; rewrite inE eqxx.
have go y : inr y.1 (r x) -> (if y \notin ctx ++ x :: l then if moveds x y ts is Some us then vcases l (y :: ctx) us else false else false) -> evs r ts = 0.
  move=> yr; case: ifP => // ny; case e: moveds => [us|//] h.
  have nyv v : v \in ctx ++ x :: l -> v != y by apply: contraTneq => ->.
  rewrite -(moveds_ok r e); apply: (IH _ _ _ h) => v.
    rewrite inE /upd => /orP [/eqP ->|vc]; first by rewrite eqxx.
    by rewrite (negbTE (nyv v _)) ?mem_cat ?vc //; apply: hc.
  move=> vl; rewrite /upd (negbTE (nyv v _)) ?mem_cat ?inE ?vl ?orbT //.
  by apply: hx; rewrite inE vl orbT.
move: xr; rewrite x2 /inr /= => xK; case: (ltnP (r x) nN) => xN.
  by apply: (go _ _ h1); rewrite /inr /=.
by apply: (go _ _ h2); rewrite /inr /= xN.
Qed.

Definition check (ctx : seq var) (a b : ex) : bool :=
  if expand (Sub a b) is Some ts then
    let us := pass ctx ts in if quick ctx us then true else vcases ctx [::] us
  else false.

Theorem check_ok ctx a b r : okc ctx r -> check ctx a b -> den r a = den r b.
Proof.
move=> hc; rewrite /check; case e: expand => [ts|//] h; apply/eqP; rewrite -subr_eq0.
have := expand_ok r e; rewrite /= => <-; apply/eqP; rewrite -(pass_ok ts hc).
move: h; case: ifP => [/(zero_ok r)|_ h]; first by rewrite map_canon.
by apply: (vcases_ok h) => // v.
Qed.
End Model.

